"""Attribution, methods, faithfulness, what-if."""
