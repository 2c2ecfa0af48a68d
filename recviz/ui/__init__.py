"""Streamlit helpers: session state, caches, guards, token strips."""
