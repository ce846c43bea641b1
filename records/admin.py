"""Administration: accounts, and what it takes to set a mission up. A mission's records are read and
written on its pages and through the API, and who may see them is for its own administrators."""

from typing import ClassVar

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin
from django.db import transaction
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext

from missions.access import grants, may_create, require
from missions.models import AdminArea, Component, FieldOffice, Membership, Mission, User
from missions.services import change_mission
from missions.signals import password_set


class RecordAdmin(admin.ModelAdmin):
    """Shows what the signed-in account may see of its missions, and changes what it may change.

    Nothing is deleted here; records are withdrawn on their pages or through the API.
    """

    list_filter: ClassVar[tuple[str, ...]] = ("mission",)
    readonly_fields: ClassVar[tuple[str, ...]] = ("created_at", "modified_at")
    show_full_result_count = False

    def get_queryset(self, request):
        queryset = self.model.objects.visible_to(request.user)
        ordering = self.get_ordering(request)
        return queryset.order_by(*ordering) if ordering else queryset

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        related = db_field.related_model._default_manager.all()
        if hasattr(related, "visible_to"):
            kwargs.setdefault("queryset", related.visible_to(request.user))
        if db_field.name == "mission":
            kwargs["queryset"] = related.filter(pk__in=self._missions_to_write(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        related = db_field.related_model._default_manager.all()
        if hasattr(related, "visible_to"):
            kwargs.setdefault("queryset", related.visible_to(request.user))
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_readonly_fields(self, request, obj=None):
        own = super().get_readonly_fields(request, obj)
        is_placed = any(field.name == "mission" for field in self.model._meta.fields)
        return (*own, "mission") if obj and is_placed else own  # it stays where it was made

    def has_add_permission(self, request):
        return super().has_add_permission(request) and bool(self._missions_to_write(request))

    def save_model(self, request, obj, form, change):
        require(change or may_create(request.user, self.model, obj.mission))
        super().save_model(request, obj, form, change)

    def _missions_to_write(self, request):
        held = grants(request.user).values()
        return [grant.mission_id for grant in held if grant.can(self.model.to_create)]

    def has_change_permission(self, request, obj=None):
        allowed = super().has_change_permission(request, obj)
        if obj is None or not allowed:
            return allowed
        return self.model.objects.editable_by(request.user).filter(pk=obj.pk).exists()

    def has_delete_permission(self, request, obj=None):
        return False


class RulesAdmin(admin.ModelAdmin):
    """What a floor lets a mission decide for itself."""

    list_display = ("mission",)

    def get_readonly_fields(self, request, obj=None):
        return () if obj is None else ("mission",)  # the key: another would make a second row

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        obj.mission.save()  # its readers see the rules as a part of it

    def has_delete_permission(self, request, obj=None):
        return False


class ReadOnlyAdmin(RecordAdmin):
    """What is computed, or whose writing has consequences: services alone write it."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False


# What only a superuser gives: whoever else keeps accounts would give it to themselves.
POWERS = ("is_staff", "is_superuser", "groups", "user_permissions")


@admin.register(User)
class AccountAdmin(UserAdmin):
    """Accounts are deactivated, never deleted: records keep their authors."""

    def get_readonly_fields(self, request, obj=None):
        own = tuple(super().get_readonly_fields(request, obj))
        return own if request.user.is_superuser else (*own, *POWERS)

    def has_change_permission(self, request, obj=None):
        allowed = super().has_change_permission(request, obj)
        if obj is None or request.user.is_superuser:
            return allowed
        return allowed and not obj.is_superuser  # whose password would be theirs

    def has_delete_permission(self, request, obj=None):
        return False

    @transaction.atomic
    def user_change_password(self, request, id, form_url=""):
        """Its owner is told, whoever set it: what opened the account before opens it no more."""
        before = User.objects.filter(pk=unquote(id)).values_list("password", flat=True).first()
        response = super().user_change_password(request, id, form_url)
        account = User.objects.filter(pk=unquote(id)).first()
        if account is not None and account.password != before:
            password_set.send(User, account=account, by=request.user)
        return response


@admin.register(Mission)
class MissionAdmin(admin.ModelAdmin):
    list_display = ("code", "name", "reference_date")

    def save_model(self, request, obj, form, change):
        if change:
            change_mission(obj)
        else:
            super().save_model(request, obj, form, change)

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    """Who belongs where, for who keeps accounts. A mission's administrators give and end access."""

    list_display = ("member", "mission", "role", "clearance")
    list_filter = ("mission", "role", "clearance")

    def get_queryset(self, request):
        return self.model.objects.current().order_by("mission", "member")

    def get_fieldsets(self, request, obj=None):
        link = format_html('<a href="{}">{}</a>', reverse("roles"), gettext("Who may do what"))
        return [(None, {"fields": self.get_fields(request, obj), "description": link})]


@admin.register(Component)
class ComponentAdmin(RecordAdmin):
    list_display = ("name", "mission", "pillar", "kind")


@admin.register(FieldOffice)
class FieldOfficeAdmin(RecordAdmin):
    list_display = ("name", "mission")


@admin.register(AdminArea)
class AdminAreaAdmin(RecordAdmin):
    list_display = ("name", "code", "mission", "level", "field_office")
