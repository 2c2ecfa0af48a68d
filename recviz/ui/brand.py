"""The app's mark and name, as pictures that need no network."""

_CURVE = (
    '<path d="M3 17 C7 17 8 7 12 7 S17 13 21 4" fill="none" stroke="#0072B2" stroke-width="2.6" stroke-linecap="round"/>'
    '<path d="M12 3 V21" stroke="#8A919C" stroke-width="1.2" stroke-dasharray="2 2"/>'
)
MARK = f'<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24">{_CURVE}</svg>'
NAME = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="112" height="28" viewBox="0 0 96 24">'
    f'{_CURVE}<text x="29" y="18" font-family="Source Serif 4, Georgia, serif" font-size="19" font-weight="600" '
    'fill="#6E7C8A">recviz</text></svg>'
)
FILLED = "#1A73AD"
"""The accent behind white words, light and dark: the theme's own accent is a colour of words, too light for that in dark."""
FILLS = (
    '<style>[data-testid="stBaseButton-primary"],[data-testid="stMultiSelectTagsContainer"] [data-tag]'
    f"{{background-color:{FILLED};border-color:{FILLED}}}</style>"
)
