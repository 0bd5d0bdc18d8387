"""Dates as in the API. Times say their time zone, which is TIME_ZONE."""

DATE_FORMAT = "Y-m-d"
DATETIME_FORMAT = "Y-m-d H:i e"
