from strategies.models.activity import Activity

__all__ = ["Activity"]
