/**
 * Snapshots by reference: how the files that hold a partition get from one node to another. The files themselves are the
 * storage engine's ({@link dev.henge.node.storage.StorageEngine#export}); who sends one when is the replica's affair
 * ({@code dev.henge.node.partition}).
 *
 * <h2>How a snapshot travels</h2>
 *
 * The leader writes its partition, as of one applied index, into files, and offers their
 * {@link dev.henge.proto.SnapshotManifest}: index, term, and length and checksum of each file. The receiver reserves room,
 * and asks for pieces, a bounded number at a time; the sender keeps no state of the transfer, so a lost, doubled or late
 * piece costs nothing but its repetition. Pieces are written where they belong in staged files. From time to time the files
 * are synced and it is noted up to which piece everything is there: after a restart of the receiver, or when another stream
 * carries the transfer on, it goes on from there as long as the sender still offers the same manifest. When all is there the
 * files are read back and compared with their checksums, and only then is the old state thrown away.
 *
 * <h2>What is bounded</h2>
 *
 * Per node: bytes per second out and in, snapshots kept for sending and snapshots being received at a time
 * ({@link dev.henge.node.snapshot.SnapshotOptions}). Per partition: one snapshot to send, however many replicas need it, and
 * one being received. All reading and writing happens in slices of bounded size, off the event loops.
 *
 * <h2>Which faults it bears</h2>
 *
 * Crashes of either side at any moment, streams that break, messages lost, doubled, late and out of order, bits that flip on
 * the wire or in a file before it is taken in, a disk without room.
 */
@NullMarked
package dev.henge.node.snapshot;

import org.jspecify.annotations.NullMarked;
