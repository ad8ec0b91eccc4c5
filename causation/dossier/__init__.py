"""What there is to say of a case: the assessment, its tables, and the words for them."""
