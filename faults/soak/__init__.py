"""Random faults for minutes, hundreds of files each way, and then the same promise."""
