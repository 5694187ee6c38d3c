package dev.henge.membership.gossip;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Prints the figures of decision 0011, and puts clusters through random faults from many seeds. {@code GossipCampaignOnDemand}
 * runs it under Maven:
 *
 * <pre>./mvnw -q -B -ntp -pl membership -am test -Dtest=GossipCampaignOnDemand -Dsurefire.failIfNoSpecifiedTests=false \
 *    -Dhenge.gossip.runs=60 -Dhenge.gossip.minutes=10 -Dhenge.gossip.seed=1</pre>
 */
public final class GossipCampaign {

    private final PrintStream out;
    private final int runs;
    private final int minutes;
    private final long firstSeed;

    GossipCampaign(PrintStream out, int runs, int minutes, long firstSeed) {
        this.out = out;
        this.runs = runs;
        this.minutes = minutes;
        this.firstSeed = firstSeed;
    }

    /** Arguments: runs, minutes, first seed. */
    public static void main(String[] arguments) {
        int runs = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100;
        int minutes = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10;
        long seed = arguments.length > 2 ? Long.parseLong(arguments[2]) : 1;
        GossipCampaign campaign = new GossipCampaign(System.out, runs, minutes, seed);
        campaign.print();
        campaign.faults();
    }

    void print() {
        detection();
        falsePositives();
        idleCost();
    }

    /** Runs of {@link GossipFaultsTest#faults}, ten for each of the other figures' runs; fails at the first that fails. */
    void faults() {
        out.println();
        for (long seed = firstSeed; seed < firstSeed + 10L * runs; seed++) {
            try {
                GossipFaultsTest.faults(seed);
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        out.println("all saw the truth after each of " + 10 * runs + " runs of random faults");
    }

    // ---- detection --------------------------------------------------------------------------------------------------

    private void detection() {
        out.println("detection of a crash, ms after it, " + runs + " runs (a tenth for 100 members)");
        out.println("members  loss  Lifeguard  first p50  first p99  all p50  all p99");
        for (int members : new int[] {3, 20, 100}) {
            for (double loss : new double[] {0, 0.1}) {
                for (boolean lifeguard : new boolean[] {true, false}) {
                    detection(members, loss, lifeguard);
                }
            }
        }
    }

    private void detection(int members, double loss, boolean lifeguard) {
        List<Long> first = new ArrayList<>();
        List<Long> all = new ArrayList<>();
        int repeated = members >= 100 ? Math.max(1, runs / 10) : runs;
        for (int run = 0; run < repeated; run++) {
            SimulatedGossip gossip = SimulatedGossip.started(firstSeed + run, settings(lifeguard), members);
            gossip.loss = loss;
            gossip.run(1_000 + gossip.random.nextInt(1_000));
            gossip.runUntil(gossip::converged, 120_000);
            SimulatedGossip.Host victim = gossip.hosts.get(gossip.random.nextInt(members));
            gossip.seen.clear();
            long crashed = gossip.now();
            gossip.crash(victim);
            all.add(gossip.runUntil(() -> gossip.allSee(victim, MemberStatus.DEAD), 120_000));
            first.add(gossip.seen(MemberEvent.Kind.DEAD, victim).stream()
                            .mapToLong(SimulatedGossip.Seen::atMillis)
                            .min()
                            .orElseThrow()
                    - crashed);
        }
        out.printf(
                Locale.ROOT,
                "%7d  %3.0f%%  %9s  %9d  %9d  %7d  %7d%n",
                members,
                loss * 100,
                lifeguard ? "on" : "off",
                percentile(first, 50),
                percentile(first, 99),
                percentile(all, 50),
                percentile(all, 99));
    }

    // ---- false positives
    // ----------------------------------------------------------------------------------------------

    private void falsePositives() {
        out.println();
        out.println(
                "members that are up and connected, " + minutes + " minutes per line: suspicions begun, declared dead");
        out.println("members  loss  fault                    Lifeguard  suspected  declared dead  of healthy members");
        for (int members : new int[] {3, 20, 100}) {
            for (boolean lifeguard : new boolean[] {true, false}) {
                falsePositives(members, 0.1, "none", 0, 0, 0, lifeguard);
            }
            for (boolean lifeguard : new boolean[] {true, false}) {
                falsePositives(members, 0.01, "1 s pauses, each 20 s", members, 1_000, 20_000, lifeguard);
            }
            for (boolean lifeguard : new boolean[] {true, false}) {
                falsePositives(members, 0.01, "a third slow: 2 s of 3", members / 3, 2_000, 1_000, lifeguard);
            }
        }
    }

    private void falsePositives(
            int members, double loss, String fault, int slow, int pauseMillis, int betweenMillis, boolean lifeguard) {
        SimulatedGossip gossip = SimulatedGossip.started(firstSeed, settings(lifeguard), members);
        gossip.loss = loss;
        for (int index = 0; index < slow; index++) {
            pauseNext(gossip, gossip.hosts.get(index), pauseMillis, betweenMillis);
        }
        gossip.run(minutes * 60_000L);
        long suspected = gossip.hosts.stream()
                .mapToLong(host -> host.core().counters().suspicionsRaised())
                .sum();
        long ofHealthy = gossip.seen(MemberEvent.Kind.DEAD).stream()
                .filter(seen -> gossip.hosts.stream()
                        .filter(host -> host.id.equals(seen.event().member().id()))
                        .allMatch(host -> host.index >= slow))
                .count();
        out.printf(
                Locale.ROOT,
                "%7d  %3.0f%%  %-23s  %9s  %9d  %13d  %18d%n",
                members,
                loss * 100,
                fault,
                lifeguard ? "on" : "off",
                suspected,
                gossip.seen(MemberEvent.Kind.DEAD).size(),
                ofHealthy);
    }

    static void pauseNext(SimulatedGossip gossip, SimulatedGossip.Host host, int pauseMillis, int betweenMillis) {
        long wait = betweenMillis / 2L + gossip.random.nextInt(betweenMillis);
        gossip.at(gossip.now() + wait, () -> {
            gossip.pause(host, pauseMillis);
            gossip.at(gossip.now() + pauseMillis, () -> pauseNext(gossip, host, pauseMillis, betweenMillis));
        });
    }

    // ---- cost -------------------------------------------------------------------------------------------------------

    private void idleCost() {
        out.println();
        out.println("sent by each member and second, " + minutes + " minutes; UDP and IP heads (28 bytes) included");
        out.println("members  loads told  datagrams  bytes  largest datagram");
        for (int members : new int[] {3, 20, 100}) {
            for (boolean loads : new boolean[] {false, true}) {
                idleCost(members, loads);
            }
        }
    }

    private void idleCost(int members, boolean loads) {
        SimulatedGossip gossip = SimulatedGossip.started(firstSeed, GossipSettings.DEFAULTS, members);
        gossip.hosts.forEach(host -> {
            host.bytesSent = 0;
            host.datagramsSent = 0;
        });
        long seconds = minutes * 60L;
        for (long second = 0; second < seconds; second++) {
            if (loads && second % 5 == 0) {
                for (SimulatedGossip.Host host : gossip.hosts) {
                    host.core()
                            .load(
                                    host.clock(),
                                    new MemberLoad(
                                            second * 4_096_000,
                                            500_000_000_000L,
                                            48,
                                            16,
                                            4_000 + (int) (second % 1_000),
                                            300));
                    gossip.reschedule(host);
                }
            }
            gossip.run(1_000);
        }
        long datagrams =
                gossip.hosts.stream().mapToLong(host -> host.datagramsSent).sum();
        long bytes = gossip.hosts.stream().mapToLong(host -> host.bytesSent).sum() + 28 * datagrams;
        out.printf(
                Locale.ROOT,
                "%7d  %10s  %9.1f  %5.0f  %16d%n",
                members,
                loads ? "each 5 s" : "no",
                (double) datagrams / seconds / members,
                (double) bytes / seconds / members,
                gossip.hosts.stream()
                        .mapToInt(host -> host.datagramBytesMost)
                        .max()
                        .orElseThrow());
    }

    private static GossipSettings settings(boolean lifeguard) {
        return lifeguard ? GossipSettings.DEFAULTS : GossipSettings.DEFAULTS.withoutLifeguard();
    }

    private static long percentile(List<Long> values, int percent) {
        List<Long> sorted = values.stream().sorted().toList();
        return sorted.get(Math.min(sorted.size() - 1, sorted.size() * percent / 100));
    }
}
