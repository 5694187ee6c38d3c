package dev.henge.membership.gossip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.henge.proto.GossipAck;
import dev.henge.proto.GossipDatagram;
import dev.henge.proto.GossipRecord;
import dev.henge.proto.GossipStatus;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Datagrams as bytes: what is sent fits and is read again, and nothing that comes in can do harm. */
class GossipCodecTest {

    @Test
    void aDatagramIsReadAsItWasWritten() throws MalformedDatagramException {
        GossipDatagram datagram = new ScriptedCore.Other(3)
                .datagram()
                .setAck(GossipAck.newBuilder().setSequence(5))
                .build();

        assertThat(GossipCodec.decode(GossipCodec.encode(datagram))).isEqualTo(datagram);
    }

    @Test
    void idsAreOrderedAsTheirBytes() throws MalformedDatagramException {
        UUID low = new UUID(1, -1);
        UUID high = new UUID(0x8000_0000_0000_0000L, 0);

        assertThat(GossipCodec.ID_ORDER.compare(low, high)).isNegative();
        assertThat(GossipCodec.id(GossipCodec.bytes(high))).isEqualTo(high);
    }

    @Property(tries = 500)
    void anyBytesAreDroppedWithoutHarm(@ForAll @Size(max = 1_500) byte[] bytes) {
        ScriptedCore core = new ScriptedCore(GossipSettings.DEFAULTS, 1);
        Members before = core.core.members();

        core.receive(core.other(0).address, bytes);

        assertThat(core.core.members()).isSameAs(before);
        assertThat(core.core.counters().datagramsMalformed()).isEqualTo(1);
    }

    /** Damage that the checksum does not see: the bytes of the message are any, its head is right. */
    @Property(tries = 500)
    void anyMessageInARightHeadDoesNoHarm(@ForAll @IntRange(min = 0) int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        ScriptedCore core = new ScriptedCore(GossipSettings.DEFAULTS, 3);
        ScriptedCore.Other other = core.other(0);
        byte[] body = other.datagram()
                .addRecords(other.introduction())
                .addRecords(core.other(1).record(MemberStatus.SUSPECT, core.other(2)))
                .setAck(GossipAck.newBuilder().setSequence(5).setTarget(other.idBytes()))
                .build()
                .toByteArray();
        for (int damage = random.nextInt(4); damage >= 0; damage--) {
            body[random.nextInt(body.length)] = (byte) random.nextInt(256);
        }

        core.receive(other.address, withHead(body));
        core.run(500);

        assertThat(core.self().status()).isEqualTo(MemberStatus.ALIVE);
    }

    @Test
    void aDamagedOrOversizedOrForeignDatagramIsCountedAndDropped() {
        ScriptedCore core = new ScriptedCore(GossipSettings.DEFAULTS, 1);
        ScriptedCore.Other other = core.other(0);
        byte[] damaged = GossipCodec.encode(
                other.datagram().addRecords(other.introduction()).build());
        damaged[20] ^= 1;
        byte[] oversized = GossipCodec.encode(
                other.datagram().setClusterId("x".repeat(1_400)).build());
        byte[] laterFormat = GossipCodec.encode(other.datagram().build());
        laterFormat[2] = 2;

        for (byte[] bytes : List.of(damaged, oversized, laterFormat, new byte[0])) {
            core.receive(other.address, bytes);
        }

        assertThat(core.core.counters().datagramsMalformed()).isEqualTo(4);
    }

    @Test
    void nothingOfADatagramCountsWhenAPartOfItIsMalformed() {
        ScriptedCore core = new ScriptedCore(GossipSettings.DEFAULTS, 1);
        ScriptedCore.Other other = core.other(0);
        GossipRecord noAddress = new ScriptedCore.Other(5)
                .introduction().toBuilder().clearAddress().build();

        core.receive(
                other,
                other.datagram()
                        .addRecords(new ScriptedCore.Other(6).introduction())
                        .addRecords(noAddress));

        assertThat(core.core.members().all()).hasSize(2);
        assertThat(core.core.counters().datagramsMalformed()).isEqualTo(1);
    }

    /** A member must always be able to name a higher incarnation than what is said of it. */
    @Test
    void anIncarnationNearTheEndOfNumbersIsRefused() {
        ScriptedCore core = new ScriptedCore(GossipSettings.DEFAULTS, 1);
        GossipRecord absurd = GossipRecord.newBuilder()
                .setId(GossipCodec.bytes(core.id))
                .setIncarnation(Long.MAX_VALUE)
                .setStatus(GossipStatus.GOSSIP_STATUS_DEAD)
                .setAddress(GossipCodec.endpoint(core.address))
                .build();

        core.hear(core.other(0), absurd);

        assertThat(core.self().incarnation()).isEqualTo(ScriptedCore.INCARNATION);
        assertThat(core.core.counters().datagramsMalformed()).isEqualTo(1);
    }

    /** From a later version of Henge: the rest of the datagram counts. */
    @Test
    void aStatusThatIsNotKnownYetIsPassedOver() {
        ScriptedCore core = new ScriptedCore(GossipSettings.DEFAULTS, 1);
        ScriptedCore.Other other = core.other(0);

        core.receive(
                other,
                other.datagram()
                        .addRecords(other.introduction().toBuilder().setStatusValue(17))
                        .addRecords(new ScriptedCore.Other(6).introduction()));

        assertThat(core.core.members().all()).hasSize(3);
    }

    @Test
    void theLongestNamesFitADatagram() {
        ScriptedCore core = new ScriptedCore(GossipSettings.DEFAULTS, 1);
        String longest = "n".repeat(MemberProfile.TEXT_LENGTH_MAX);
        MemberProfile profile = new MemberProfile(
                MemberRole.ROUTER,
                longest,
                longest,
                "h".repeat(MemberProfile.SERVICE_ADDRESS_LENGTH_MAX),
                longest,
                "henge",
                longest);

        core.take(core.core.profile(core.nowMillis, profile));
        core.core.load(
                core.nowMillis,
                new MemberLoad(
                        Long.MAX_VALUE, Long.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE, 1, Long.MAX_VALUE));
        core.sent.clear();
        core.run(20_000);

        assertThat(core.sent)
                .anyMatch(sent -> sent.datagram().getRecordsList().stream().anyMatch(GossipRecord::hasProfile))
                .allMatch(sent ->
                        GossipCodec.encode(sent.datagram()).length <= GossipSettings.DEFAULTS.datagramBytesMax());
    }

    @Test
    void whatDoesNotFitIsRefusedWhereItIsMade() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new MemberProfile(MemberRole.NODE, "n".repeat(65), "", "", "", "", ""));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new MemberProfile(MemberRole.NODE, "näme", "", "", "", "", ""));
        assertThatIllegalArgumentException().isThrownBy(() -> new MemberLoad(-1, 0, 0, 0, 0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new GossipAddress(ByteString.copyFrom(new byte[5]), 1));
        assertThatThrownBy(() -> GossipCodec.id(ByteString.copyFrom(new byte[15])))
                .isInstanceOf(MalformedDatagramException.class);
    }

    @Test
    void addressesAreWrittenAsPeopleWriteThem() {
        assertThat(SimulatedGossip.addressOf(300)).hasToString("10.0.1.44:7400");
        byte[] six = new byte[16];
        six[0] = (byte) 0xfd;
        six[15] = 3;
        assertThat(new GossipAddress(ByteString.copyFrom(six), 7_400)).hasToString("[fd00:0:0:0:0:0:0:3]:7400");
    }

    private static byte[] withHead(byte[] body) {
        java.util.zip.CRC32C checksum = new java.util.zip.CRC32C();
        checksum.update(body);
        return java.nio.ByteBuffer.allocate(7 + body.length)
                .put((byte) 'H')
                .put((byte) 'G')
                .put((byte) 1)
                .putInt((int) checksum.getValue())
                .put(body)
                .array();
    }
}
