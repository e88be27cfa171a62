from tests.integration.consent_drive.conftest import drive, school_class

__all__ = ["drive", "school_class"]
