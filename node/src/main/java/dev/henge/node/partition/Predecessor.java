package dev.henge.node.partition;

import dev.henge.node.replication.Member;

/**
 * A replica that was given up while its node went on. It may have led, and its followers are loyal to it for as long as its node
 * is well: whoever takes its place here lets them go.
 *
 * @param term none that it led is later; it will never lead again
 */
public record Predecessor(Member member, long term) {}
