package dev.henge.membership.plan;

import dev.henge.membership.TokenRange;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * Where to cut a partition. A boundary lies between tokens, and all items of one partition key have one token, so no key
 * is ever cut.
 */
public final class SplitPoint {

    /** Of a window's load each side gets this much of what it gets of the whole at least, in most windows. */
    private static final double SIDE_SHARE_IN_A_WINDOW = 0.5;

    private static final int WINDOWS_MIN = 3;

    /** Without samples, ranges below it are left alone: something not spread as hashes are is in them. */
    private static final long BLIND_WIDTH_MIN = 1L << 40;

    private SplitPoint() {}

    /**
     * The boundary nearest to the median of samples by weight.
     *
     * @param range the partition's tokens; samples outside of it are ignored
     * @param sideShareMin what each side has of the weight at least, 0 to a half
     * @return the first token of the right side, or none if no boundary leaves enough on both sides: one token has most of it
     */
    public static OptionalLong median(TokenRange range, List<WeightedToken> samples, double sideShareMin) {
        Map<Long, Double> byToken = new TreeMap<>(Long::compareUnsigned);
        double total = 0;
        for (WeightedToken sample : samples) {
            if (range.contains(sample.token())) {
                byToken.merge(sample.token(), sample.weight(), Double::sum);
                total += sample.weight();
            }
        }
        OptionalLong best = OptionalLong.empty();
        double bestLesser = 0;
        double left = 0;
        for (Map.Entry<Long, Double> entry : byToken.entrySet()) {
            double lesser = Math.min(left, total - left);
            if (entry.getKey() != range.start() && lesser >= sideShareMin * total && lesser > bestLesser) {
                best = OptionalLong.of(entry.getKey());
                bestLesser = lesser;
            }
            left += entry.getValue();
        }
        return best;
    }

    /**
     * A boundary that spreads a lasting load: nearest to the median of all windows, and with load on both sides of it in most of
     * them. A scan in the order of tokens passes over any boundary and is on one side of it at a time, so it has none.
     */
    public static OptionalLong ofLoad(TokenRange range, List<LoadWindow> windows, double sideShareMin) {
        if (windows.size() < WINDOWS_MIN) {
            return OptionalLong.empty();
        }
        List<WeightedToken> all =
                windows.stream().flatMap(window -> window.samples().stream()).toList();
        OptionalLong boundary = median(range, all, sideShareMin);
        if (boundary.isEmpty()) {
            return boundary;
        }
        long onBothSides = windows.stream()
                .filter(window -> isOnBothSides(
                        range, window.samples(), boundary.getAsLong(), SIDE_SHARE_IN_A_WINDOW * sideShareMin))
                .count();
        return 3 * onBothSides >= 2L * windows.size() ? boundary : OptionalLong.empty();
    }

    /** The median by bytes, or with no samples the middle: hashes are spread evenly. */
    public static OptionalLong ofSize(TokenRange range, List<WeightedToken> samples, double sideShareMin) {
        if (!samples.isEmpty()) {
            return median(range, samples, sideShareMin);
        }
        // The width of the whole ring is 2^64, which is 0 here.
        long width = range.end() - range.start();
        if (width != 0 && Long.compareUnsigned(width, BLIND_WIDTH_MIN) < 0) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(width == 0 ? range.start() + Long.MIN_VALUE : range.start() + (width >>> 1));
    }

    private static boolean isOnBothSides(
            TokenRange range, List<WeightedToken> samples, long boundary, double sideShareMin) {
        double left = 0;
        double right = 0;
        for (WeightedToken sample : samples) {
            if (!range.contains(sample.token())) {
                continue;
            }
            if (Long.compareUnsigned(sample.token(), boundary) < 0) {
                left += sample.weight();
            } else {
                right += sample.weight();
            }
        }
        return left > 0 && right > 0 && Math.min(left, right) >= sideShareMin * (left + right);
    }
}
