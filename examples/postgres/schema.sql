-- The tables of a shop, as they were before anybody thought of PUT. Nothing in them was changed for it.

CREATE SCHEMA shop;

CREATE TABLE shop.category (
    code text COLLATE "C" PRIMARY KEY,
    title text NOT NULL
);

CREATE DOMAIN shop.sku AS text CONSTRAINT sku_is_written_so CHECK (VALUE ~ '^[A-Z]{3}-[0-9]+$');
CREATE TYPE shop.availability AS ENUM ('in stock', 'on order', 'sold out');

CREATE TABLE shop."Product" (
    "ProductId" uuid PRIMARY KEY,
    "SKU" shop.sku NOT NULL CONSTRAINT product_sku_key UNIQUE,
    "Title" varchar(80) NOT NULL,
    "Category" text COLLATE "C" CONSTRAINT product_category_fkey REFERENCES shop.category,
    "Price" numeric(12, 2) NOT NULL CONSTRAINT product_price_check CHECK ("Price" > 0),
    "PriceWithTax" numeric(12, 2) NOT NULL GENERATED ALWAYS AS ("Price" * 1.19) STORED,
    "Availability" shop.availability NOT NULL,
    "Tags" text[] NOT NULL,
    "Package" jsonb,
    "Shelf" text NOT NULL DEFAULT 'unsorted', -- the warehouse's own; no client hears of it
    "CreatedAt" timestamptz NOT NULL DEFAULT now(),
    "UpdatedAt" timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE shop.outbox (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    category text NOT NULL,
    state jsonb, -- NULL: it was removed
    written_at timestamptz NOT NULL DEFAULT now()
);

INSERT INTO shop.category VALUES ('tea', 'Tea'), ('pots', 'Pots and cups');
INSERT INTO shop."Product" ("ProductId", "SKU", "Title", "Category", "Price", "Availability", "Tags", "Shelf") VALUES
    ('5e0b6a4c-3f0e-4a57-9a63-0d0c0f2f8a11', 'TEA-1', 'Assam, 250 g', 'tea', 8.40, 'in stock', '{black}', 'A3'),
    ('c1d7e8c2-68a1-4b52-8a0e-7a3e5d0b9f42', 'POT-1', 'Teapot', 'pots', 39.00, 'on order', '{}', 'C1');
