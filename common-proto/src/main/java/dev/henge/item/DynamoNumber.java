package dev.henge.item;

import java.math.BigDecimal;

/** A number as DynamoDB keeps it: at most 38 significant digits, magnitude 0 or 1E-130 to 9.99...E+125. */
public record DynamoNumber(BigDecimal value) {}
