"""Short dates with the months as French abbreviates them: 5 déc. 2022.

Two of Django's own abbreviations are not French; ``poc_portal.languages`` names them for translation.
"""

SHORT_DATE_FORMAT = "j N Y"
SHORT_DATETIME_FORMAT = "j N Y H:i"
YEAR_MONTH_FORMAT = "N Y"
MONTH_DAY_FORMAT = "j N"
