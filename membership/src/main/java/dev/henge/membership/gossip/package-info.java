/**
 * Who is in the cluster, at which address, and how well: SWIM (Das, Gupta, Motivala, DSN 2002) with Lifeguard (Dadgar,
 * Phillips, Currey, 2018), as a pure function. {@link dev.henge.membership.gossip.GossipCore} is told of datagrams and of
 * the time, and says what to send and what changed. One per process: nodes and routers are members alike.
 *
 * <p>It is advice. Only the replicated catalog changes who owns what; nothing is lost or served wrongly when gossip is
 * late, wrong or silent.
 *
 * <h2>What it does</h2>
 *
 * <b>Failure detection.</b> Each period a member probes one other, in a random round-robin order: a ping; without an ack,
 * pings by way of three others; without any ack by the period's end, the probed one is <i>suspected</i>. A suspected member
 * hears of it and refutes it, or is declared dead when its time is over. That time is long while one member alone suspects
 * it and short once others have come to the same by probes of their own. A member that misses nacks it should have got,
 * has to refute suspicions, or finds that it stood still, thinks itself unwell and stretches all its times, so a slow member
 * does not take the others for dead.
 *
 * <p><b>Dissemination.</b> What is new travels on pings and acks and, while there is any, on a few datagrams more, a bounded
 * number of times per member. What gets lost all the same is mended by exchanges of digests.
 *
 * <p><b>Finding each other.</b> A member that knows nobody exchanges digests with the seeds. Later it goes on knocking, now
 * and then, at seeds that are no known member and at members that are thought dead: so the parts of a broken network find
 * each other again.
 *
 * <h2>What is known of a member</h2>
 *
 * Three parts, each ordered by itself, the newest wins, so that they may come by any way, in any order and any number of
 * times:
 * <ul>
 *   <li><b>status and address</b>, by incarnation, then alive, suspect, dead, left. Only the member itself raises its
 *       incarnation: at each start (Unix time in milliseconds, no disk write), to refute what is said of it, and to outbid an
 *       earlier life whose clock was ahead. So an address always belongs to a life, and two members may swap theirs. A ping
 *       names its target: whoever got the address of another does not answer for it;
 *   <li><b>profile</b>: role, name, zone, service address, version, cluster id; by a version of its own;
 *   <li><b>load</b>, with the catalog epoch; by a version of its own. A new load says nothing about the member's status.
 * </ul>
 *
 * <p>That a member is <i>dead</i> is never believed of one that is thought alive: it becomes suspected, and has the least time
 * of a suspicion to refute it. Otherwise, when a partition of the network heals, each side would kill the other's members by
 * what it thought of them. Detection does not get slower by it, as the suspicion had spread before.
 *
 * <p>The dead and the left are remembered for a time, so that nobody who missed their end brings them back. They are told
 * only to those who still think them present, so the last memory of them goes too.
 *
 * <h2>What it guarantees</h2>
 *
 * With messages lost, doubled, late and out of order, links broken in one direction or both, members that stop for any time,
 * crash, come back at other addresses: once messages come through again, all members see the same. A member that is up and
 * reached by most others is not declared dead, with high probability, at 10 % loss and with pauses of a second (decision 0011
 * has the figures). Datagrams that no member would send are counted and dropped. Members of another cluster are refused, by
 * its name and, once both know it, its id. Nothing authenticates a datagram: the gossip port belongs on the cluster's own
 * network, as the nodes' port does.
 *
 * <h2>The runner's duties</h2>
 *
 * One thread at a time calls the core. It calls {@code tick} when {@code nextTickMillis} has come, reads what waits in the
 * socket before that, and sends what a call gave after it; datagrams may get lost. {@link
 * dev.henge.membership.gossip.Members} and what is in it is immutable and may be read by any thread.
 *
 * <h2>How it is tested</h2>
 *
 * {@code FailureDetectorTest} and {@code GossipCoreTest} check the rules one by one and name the papers' sections; {@code GossipClusterTest} and {@code
 * GossipFaultsTest} run clusters of up to 100 members on a simulated network; {@code GossipCampaign} prints the figures.
 */
@NullMarked
package dev.henge.membership.gossip;

import org.jspecify.annotations.NullMarked;
