"""What is wrong with a page: each check returns sentences, and none when all is well."""
