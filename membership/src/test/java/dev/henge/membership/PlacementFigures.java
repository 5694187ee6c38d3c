package dev.henge.membership;

import dev.henge.membership.Placement.Holding;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Prints how much a join, a leave and a split move, against what they must: figures for people, not a test. */
final class PlacementFigures {

    private PlacementFigures() {}

    public static void main(String[] arguments) {
        System.out.println("kind,nodes,ranges,zones,share,moved,factor,millis");
        for (int zones : new int[] {1, 3}) {
            for (int nodes : new int[] {3, 4, 5, 6, 9, 12, 20, 50}) {
                for (int ranges : new int[] {16, 64, 256, 1024}) {
                    measure(nodes, ranges, zones);
                }
            }
        }
    }

    private static void measure(int count, int ranges, int zones) {
        List<PlacementNode> nodes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            nodes.add(new PlacementNode("n" + i, "zone-" + i % zones, 1));
        }
        List<Holding> before = PlacementChecks.placed(nodes, ranges);
        List<PlacementNode> more = new ArrayList<>(nodes);
        more.add(new PlacementNode("new", "zone-" + count % zones, 1));
        print(
                "join",
                count,
                zones,
                before,
                more,
                Placement.of(more).shares(before, 3).getOrDefault("new", 0.0));
        if (count > 3) {
            List<PlacementNode> fewer = nodes.subList(0, count - 1);
            int held = PlacementChecks.loads(before).getOrDefault("n" + (count - 1), 0);
            print("leave", count, zones, before, fewer, held);
        }
        Random random = new Random(count * 31L + ranges);
        List<Holding> split = new ArrayList<>(before);
        Holding parent = split.remove(random.nextInt(split.size()));
        long middle = parent.range().start()
                + Long.divideUnsigned(parent.range().end() - parent.range().start(), 2);
        split.add(new Holding(new TokenRange(parent.range().start(), middle), parent.replicas()));
        split.add(new Holding(new TokenRange(middle, parent.range().end()), parent.replicas()));
        print("split", count, zones, split, nodes, 3);
    }

    private static void print(
            String kind, int count, int zones, List<Holding> before, List<PlacementNode> nodes, double must) {
        long start = System.nanoTime();
        List<Holding> after = PlacementChecks.target(nodes, before, 3);
        long millis = (System.nanoTime() - start) / 1_000_000;
        int moved = PlacementChecks.moves(before, after);
        System.out.printf(
                "%s,%d,%d,%d,%.1f,%d,%.2f,%d%n",
                kind, count, before.size(), zones, must, moved, moved / Math.max(1, must), millis);
    }
}
