/**
 * Gossip on a real network: {@link dev.henge.cluster.gossip.GossipRunner} gives {@link
 * dev.henge.membership.gossip.GossipCore} its clock, its UDP socket, its randomness and its thread.
 *
 * <p>One daemon thread does all of it, so the core needs no lock. Names of seeds are looked up on a thread of their own, since
 * that may take seconds.
 */
@NullMarked
package dev.henge.cluster.gossip;

import org.jspecify.annotations.NullMarked;
