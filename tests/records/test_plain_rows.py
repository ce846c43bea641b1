import pytest
from django.core.validators import RegexValidator
from rest_framework import serializers

from records.bulk.plain import NotPlain, plain_check


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (serializers.CharField(min_length=2), "a"),
        (serializers.CharField(validators=[RegexValidator("^x")]), "ab"),
        (serializers.IntegerField(min_value=1), 0),
        (serializers.CharField(max_length=1), "ab"),
    ],
)
def test_what_a_field_would_refuse_is_not_plain(field, value):
    with pytest.raises(NotPlain):
        plain_check(field)(value)


def test_what_a_fields_validators_take_is_plain():
    assert plain_check(serializers.CharField(validators=[RegexValidator("^x")]))("xy") == "xy"
    assert plain_check(serializers.IntegerField(min_value=1, allow_null=True))(None) is None
