"""What the sample shop sells: 12 categories of 10 product families of 4 items, and what buying them causes.

No title holds a word of its category's name: whoever groups the items well has read the titles.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

FAMILIES: dict[str, dict[str, str]] = {
    "Camping": {
        "dome tent": "Two-person, Three-person, Ultralight, Family",
        "tent peg set": "Steel, Aluminium, Titanium, Glow-in-the-dark",
        "sleeping bag": "Down, Synthetic, Mummy, Summer",
        "inflatable sleeping mat": "Insulated, Self-pumping, Short, Double",
        "gas stove": "Folding, Windproof, Two-burner, Pocket",
        "head torch": "Rechargeable, Red-light, Waterproof, Children's",
        "hiking backpack": "40-litre, 65-litre, Women's, Roll-top",
        "water filter": "Squeeze, Straw, Gravity, Ceramic",
        "enamel mug": "Blue, Speckled, White, Large",
        "folding outdoor chair": "Low, Reclining, Compact, Padded",
    },
    "Coffee": {
        "espresso machine": "Lever, Single-boiler, Compact, Dual-boiler",
        "espresso cup set": "Porcelain, Double-wall glass, Stoneware, Italian",
        "burr grinder": "Hand, Conical, Quiet, Stepless",
        "arabica beans 1 kg": "Ethiopian, Colombian, Brazilian, Kenyan",
        "decaf beans 500 g": "Swiss-water, Dark-roast, Organic, Mild",
        "pour-over dripper": "Ceramic, Copper, Glass, Foldable",
        "paper filters, 100 pieces": "Cone, Bleached, Natural, Basket",
        "milk frother": "Electric, Handheld, Steam, Silent",
        "moka pot": "Three-cup, Six-cup, Induction, Red",
        "descaling tablets": "Citric, Universal, Gentle, Strong",
    },
    "Gardening": {
        "raised planter kit": "Cedar, Larch, Galvanised, Stackable",
        "planter saucer set": "Terracotta, Round, Square, Recycled",
        "tomato seedlings": "Cherry, Beefsteak, Heirloom, Plum",
        "potting compost 40 l": "Peat-free, Ericaceous, Seedling, Organic",
        "secateurs": "Bypass, Anvil, Left-handed, Ratchet",
        "watering can": "Galvanised, Long-spout, Indoor, Ten-litre",
        "lawn seed": "Shade, Drought-proof, Fast-growing, Wildflower",
        "hedge trimmer": "Cordless, Telescopic, Petrol, Lightweight",
        "soaker hose": "Porous, Flat, Fifteen-metre, Rubber",
        "rose bush, bare root": "Climbing, White, Old English, Thornless",
    },
    "Running": {
        "trail shoes": "Grippy, Wide-fit, Waterproof, Minimalist",
        "marathon road shoes": "Carbon-plated, Cushioned, Featherweight, Stability",
        "compression socks": "Knee-high, Ankle, Merino, Reflective",
        "sports watch with GPS": "Slim, Solar, Touchscreen, Multisport",
        "hydration vest": "Five-litre, Twelve-litre, Women's, Race",
        "energy gel, box of 24": "Salted caramel, Caffeine, Isotonic, Berry",
        "split shorts": "Three-inch, Lined, Breathable, Long",
        "thermal tights": "Winter, Brushed, High-waist, Windproof",
        "heart rate chest strap": "Dual-band, Soft, Waterproof, Memory",
        "foam roller for calves": "Ridged, Firm, Vibrating, Short",
    },
    "Baking": {
        "cookie cutter set": "Star, Animal, Alphabet, Copper",
        "cookie jar": "Glass, Ceramic, Vintage, Airtight",
        "stand mixer": "Tilt-head, Heavy-duty, Retro, Compact",
        "loaf tin": "Non-stick, Two-pound, Folded-steel, Silicone",
        "sourdough proving basket": "Round rattan, Oval, Lined, Wood-pulp",
        "strong bread flour 5 kg": "Wholemeal, White, Spelt, Rye",
        "vanilla extract": "Madagascan, Double-strength, Organic, Tahitian",
        "cake icing colours": "Pastel, Primary, Metallic, Neon",
        "rolling pin": "Marble, Beech, French, Adjustable",
        "muffin tray": "Twelve-cup, Mini, Deep, Jumbo",
    },
    "Cycling": {
        "road bike helmet": "Aero, Ventilated, Matte, Lightweight",
        "helmet liner": "Merino, Summer, Windproof, Quick-dry",
        "rear light": "Radar, USB, Seatpost, Bright",
        "inner tube 700c": "Puncture-proof, Latex, Long-valve, Twin-pack",
        "chain lubricant": "Dry, Wet, Wax, Ceramic",
        "padded bib shorts": "Endurance, Women's, Thermal, Gel",
        "handlebar tape": "Cork, Gel, Leather, Grippy",
        "track pump with gauge": "Steel, High-pressure, Compact, Digital",
        "clipless pedals": "Single-sided, Carbon, Gravel, Float",
        "pannier bag": "Roll-top, Front, Commuter, Waterproof",
    },
    "Fishing": {
        "spinning rod": "Light, Telescopic, Carbon, Surf",
        "baitcasting reel": "Low-profile, Saltwater, Left-hand, Magnetic",
        "braided line 300 m": "Green, Eight-strand, Sinking, Multicolour",
        "treble hooks": "Barbless, Size 6, Black-nickel, Saltwater",
        "trout fly assortment": "Dry, Nymph, Streamer, Wet",
        "carp boilies 1 kg": "Strawberry, Squid, Tigernut, Pineapple",
        "landing net": "Folding, Rubber, Long-handled, Trout",
        "pike lure": "Jointed, Spinner, Soft-plastic, Deep-diving",
        "chest waders": "Breathable, Neoprene, Stocking-foot, Boot-foot",
        "tackle box": "Three-tray, Waterproof, Small, Cantilever",
    },
    "Knitting": {
        "merino yarn 100 g": "Charcoal, Mustard, Undyed, Teal",
        "mohair lace yarn": "Rose, Sage, Cream, Navy",
        "sock yarn with nylon": "Striped, Speckled, Self-patterning, Solid",
        "circular needles": "Bamboo, Steel, Interchangeable, Short",
        "double-pointed needles": "Birch, Carbon, 2.5 mm, 4 mm",
        "crochet hook set": "Ergonomic, Aluminium, Rosewood, Lace",
        "stitch markers": "Locking, Ring, Brass, Numbered",
        "jumper pattern": "Fair Isle, Raglan, Cable, Beginner's",
        "blocking mats": "Foam, Gridded, Large, Interlocking",
        "yarn winder": "Wooden, Jumbo, Hand-cranked, Electric",
    },
    "Pet care": {
        "dog lead": "Rope, Retractable, Leather, Reflective",
        "kitten kibble 2 kg": "Chicken, Salmon, Grain-free, Turkey",
        "clumping litter 10 l": "Lavender, Unscented, Wood-based, Dust-free",
        "scratching post": "Sisal, Tall, Corner, Cardboard",
        "puppy chew toy": "Rubber, Rope, Squeaky, Frozen",
        "flea collar": "Eight-month, Herbal, Small-breed, Large-breed",
        "grooming brush for long fur": "Slicker, De-shedding, Double-sided, Soft",
        "hamster wheel": "Silent, Wooden, Large, Flying-saucer",
        "aquarium heater": "50-watt, 100-watt, Adjustable, Nano",
        "parrot seed mix": "Tropical, Fruit, Sunflower-free, Large-beak",
    },
    "School": {
        "ring binder A4": "Two-hole, Marbled, Wide, Recycled",
        "exercise books, pack of 10": "Lined, Squared, Plain, Wide-margin",
        "pencil case": "Roll-up, Double-zip, Dinosaur, Clear",
        "fountain pen for pupils": "Left-handed, Fine, Cartridge, Beginner's",
        "geometry set": "Metal, Twelve-piece, Transparent, Shatterproof",
        "scientific calculator": "Graphing, Solar, Exam-approved, Two-line",
        "satchel for children": "Ergonomic, Unicorn, Football, Space",
        "lunch box": "Bento, Insulated, Leak-proof, Stainless",
        "glue sticks": "Washable, Purple-drying, Jumbo, Solvent-free",
        "maths workbook": "Fractions, Algebra, Times-table, Key-stage-two",
    },
    "Travel": {
        "cabin suitcase": "Hard-shell, Four-wheel, Expandable, Underseat",
        "neck pillow": "Memory-foam, Inflatable, Hooded, Cooling",
        "plug adapter": "Worldwide, UK-to-EU, USB-C, Earthed",
        "luggage scale": "Digital, Hook, Pocket, Illuminated",
        "passport wallet": "RFID-blocking, Leather, Family, Slim",
        "packing cubes": "Compression, Mesh, Six-piece, See-through",
        "toiletry bag for flights": "Hanging, Transparent, Men's, Foldable",
        "phrasebook": "Spanish, Japanese, Greek, Portuguese",
        "city guidebook": "Lisbon, Rome, Kyoto, Istanbul",
        "combination padlock": "TSA, Three-digit, Cable, Brass",
    },
    "Gift cards": {
        "cinema voucher": "10-euro, 25-euro, 50-euro, 100-euro",
        "bookshop voucher": "10-euro, 25-euro, 50-euro, 100-euro",
        "restaurant voucher": "10-euro, 25-euro, 50-euro, 100-euro",
        "music streaming voucher": "10-euro, 25-euro, 50-euro, 100-euro",
        "spa day voucher": "10-euro, 25-euro, 50-euro, 100-euro",
        "theatre voucher": "10-euro, 25-euro, 50-euro, 100-euro",
        "app store credit": "10-euro, 25-euro, 50-euro, 100-euro",
        "video game credit": "10-euro, 25-euro, 50-euro, 100-euro",
        "perfumery voucher": "10-euro, 25-euro, 50-euro, 100-euro",
        "museum pass voucher": "10-euro, 25-euro, 50-euro, 100-euro",
    },
}

UNLEARNABLE = "Gift cards"
"""Bought uniformly at random over users, items and time."""
SEASONAL = {"School": 8, "Travel": 20}
"""Category -> week of a peak; the next one follows half a year later."""


@dataclass(frozen=True, slots=True)
class Link:
    """Buying from one family and what it does to the odds of another in the days after."""

    cause: str
    effect: str
    note: str


CAUSES = (
    Link("dome tent", "sleeping bag", "same category, titles of one world"),
    Link("espresso machine", "burr grinder", "same category, titles of one world"),
    Link("road bike helmet", "rear light", "same category, titles of one world"),
    Link("raised planter kit", "tomato seedlings", "same category, titles of one world"),
    Link("cookie cutter set", "trail shoes", "another category: the titles have nothing in common"),
)
DECOYS = (
    Link("tent peg set", "sleeping bag", "reads like dome tent"),
    Link("espresso cup set", "burr grinder", "reads like espresso machine"),
    Link("helmet liner", "rear light", "reads like road bike helmet"),
    Link("planter saucer set", "tomato seedlings", "reads like raised planter kit"),
    Link("cookie jar", "trail shoes", "reads like cookie cutter set"),
)


def item_table(seed: int) -> pd.DataFrame:
    """Return the 480 items: ``item_id`` (told nothing by its order), ``title``, ``category``, ``family``."""
    rows = [
        (f"{variant} {noun}", category, noun)
        for category, nouns in FAMILIES.items()
        for noun, variants in nouns.items()
        for variant in variants.split(", ")
    ]
    numbers = np.random.Generator(np.random.PCG64(seed)).permutation(len(rows)) + 1000
    table = pd.DataFrame(rows, columns=["title", "category", "family"])
    table.insert(0, "item_id", [f"P{number}" for number in numbers])
    return table
