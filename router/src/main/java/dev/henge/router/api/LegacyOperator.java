package dev.henge.router.api;

import java.util.Set;

/** Values of ComparisonOperator, in the service's order. */
enum LegacyOperator {
    IN(1, Integer.MAX_VALUE, Types.ORDERED),
    NULL(0, 0, Types.ANY),
    BETWEEN(2, 2, Types.ORDERED),
    LT(1, 1, Types.ORDERED),
    NOT_CONTAINS(1, 1, Types.CONTAINED),
    EQ(1, 1, Types.ANY),
    GT(1, 1, Types.ORDERED),
    NOT_NULL(0, 0, Types.ANY),
    NE(1, 1, Types.ANY),
    LE(1, 1, Types.ORDERED),
    BEGINS_WITH(1, 1, Types.PREFIXES),
    GE(1, 1, Types.ORDERED),
    CONTAINS(1, 1, Types.CONTAINED);

    private final int valuesMin;
    private final int valuesMax;
    private final Set<String> typeCodes;

    LegacyOperator(int valuesMin, int valuesMax, Set<String> typeCodes) {
        this.valuesMin = valuesMin;
        this.valuesMax = valuesMax;
        this.typeCodes = typeCodes;
    }

    /** The types of values that operators take. */
    private static final class Types {
        static final Set<String> ANY = Set.of("S", "N", "B", "SS", "NS", "BS", "BOOL", "NULL", "L", "M");
        static final Set<String> ORDERED = Set.of("S", "N", "B");
        static final Set<String> PREFIXES = Set.of("S", "B");
        static final Set<String> CONTAINED = Set.of("S", "N", "B", "BOOL", "NULL");
    }

    boolean takesCount(int values) {
        return values >= valuesMin && values <= valuesMax;
    }

    boolean takesType(String typeCode) {
        return typeCodes.contains(typeCode);
    }

    /** Whether it stands without values. */
    boolean isUnary() {
        return valuesMax == 0;
    }
}
