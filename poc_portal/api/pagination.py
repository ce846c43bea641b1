from rest_framework.pagination import CursorPagination as Base


class CursorPagination(Base):
    """Pages that skip and repeat nothing while records come and go."""

    page_size = 100
    max_page_size = 1000
    page_size_query_param = "page_size"
    ordering = "-pk"

    def get_ordering(self, request, queryset, view):
        """The asked or default order, made total by the key."""
        ordering = super().get_ordering(request, queryset, view)
        return (*ordering, "-pk") if not {"pk", "-pk", "id", "-id"} & set(ordering) else ordering
