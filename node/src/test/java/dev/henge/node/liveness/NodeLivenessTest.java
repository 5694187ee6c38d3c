package dev.henge.node.liveness;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Two nodes whose clocks and messages are moved by hand: {@code a} asks, {@code b} supports, and the other way round. */
final class NodeLivenessTest {

    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    /** Asked each 100 ms, supported for 600 ms, 60 ms of which are for drift; probed after 400 ms, stalled after 2 s. */
    private static final LivenessConfig TIMES =
            new LivenessConfig(600 * MILLI, 100 * MILLI, 60 * MILLI, 2_000 * MILLI, 400 * MILLI);

    /** A node with a clock and a disk of its own. */
    private static final class Node {
        final String name;
        final String other;
        final List<SupportMessage> sent = new ArrayList<>();
        final List<String> changed = new ArrayList<>();
        NodeLiveness liveness;
        long nowMillis;
        boolean probeAsked;
        private static long numbers;

        Node(String name, String other, long nowMillis) {
            this.name = name;
            this.other = other;
            this.nowMillis = nowMillis;
            this.liveness = begin();
        }

        /** A process of this node, whose disk has just synced. */
        final NodeLiveness begin() {
            return new NodeLiveness(TIMES, name, List.of(other), nowMillis * MILLI, bound -> ++numbers);
        }

        Node diskSyncs() {
            take(liveness.diskSynced(nowMillis * MILLI));
            return this;
        }

        Node restart() {
            liveness = begin();
            sent.clear();
            return diskSyncs();
        }

        /** Time goes on; the disk is as it was. */
        Node after(long millis) {
            nowMillis += millis;
            take(liveness.tick(nowMillis * MILLI));
            return this;
        }

        /** Time goes on in steps, and the disk works. */
        Node working(long millis) {
            for (long passed = 0; passed < millis; passed += 50) {
                nowMillis += 50;
                diskSyncs();
                take(liveness.tick(nowMillis * MILLI));
            }
            return this;
        }

        Node receives(SupportMessage message) {
            take(liveness.receive(other, message, nowMillis * MILLI));
            return this;
        }

        SupportMessage last() {
            return sent.getLast();
        }

        PeerSupport support() {
            return liveness.peer(other);
        }

        long untilMillis() {
            return support().receivedUntilNanos(support().received()) / MILLI;
        }

        private void take(NodeLiveness.Effects effects) {
            effects.send().forEach(outgoing -> sent.add(outgoing.message()));
            changed.addAll(effects.changed());
            probeAsked = probeAsked || effects.probeDisk();
        }
    }

    // Clocks of different origin: nothing may compare them.
    private final Node a = new Node("a", "b", 1_000).diskSyncs();
    private final Node b = new Node("b", "a", 77_000_000).diskSyncs();

    private long supportA() {
        a.after(0);
        b.receives(a.last());
        a.receives(b.last());
        return a.support().received();
    }

    @Test
    void whoIsAskedAnswersAtOnceWithASessionOfItsOwnMaking() {
        long session = supportA();

        assertThat(session).isNotZero().isEqualTo(b.support().given());
        assertThat(a.changed).containsExactly("b");
        assertThat(b.changed).containsExactly("a");
    }

    @Test
    void theAskerCountsFromTheMomentItSentTheQuestionAndLeavesRoomForDrift() {
        a.after(0);
        SupportMessage question = a.last();
        a.after(70);
        b.after(70).receives(question);
        a.after(20).receives(b.last());

        assertThat(a.untilMillis()).isEqualTo(1_000 + 600 - 60);
    }

    @Test
    void theSupporterHoldsItsPromiseFromTheMomentTheQuestionCame() {
        a.after(0);
        b.after(300).receives(a.last());
        long session = b.support().given();

        assertThat(b.after(599).support().given()).isEqualTo(session);
        assertThat(b.after(1).support().given()).isZero();
        assertThat(b.changed).containsExactly("a", "a");
    }

    @Test
    void questionsInTimeExtendTheSession() {
        long session = supportA();
        for (int round = 0; round < 50; round++) {
            a.working(100);
            b.working(100).receives(a.last());
            a.receives(b.working(100).last());
        }

        assertThat(a.support().received()).isEqualTo(session);
        assertThat(b.support().given()).isEqualTo(session);
    }

    @Test
    void aSessionOnceWithdrawnIsNeverGivenAgain() {
        long session = supportA();
        a.working(600);
        b.working(600);
        assertThat(b.support().given()).isZero();

        long next = supportA();

        assertThat(next).isNotZero().isNotEqualTo(session);
        assertThat(a.support().receivedUntilNanos(session)).isZero();
    }

    @Test
    void aQuestionThatComesAfterTheEndWithdrawsFirstEvenIfNoTickCameBetween() {
        long session = supportA();
        a.working(700);
        b.nowMillis += 700;
        b.diskSyncs().receives(a.last());

        assertThat(b.support().given()).isNotEqualTo(session);
    }

    @Test
    void supportThatIsNotRenewedIsLostAtTheAskerBeforeTheSupporterWithdrawsIt() {
        supportA();
        a.after(539);
        assertThat(a.support().received()).isNotZero();
        assertThat(a.after(1).support().received()).isZero();
        assertThat(a.changed).containsExactly("b", "b");
        assertThat(b.after(540).support().given()).isNotZero();
    }

    @Test
    void anAnswerToAnOlderQuestionDoesNotBringAnOlderSessionBack() {
        a.after(0);
        b.receives(a.last());
        SupportMessage late = b.last();
        a.working(600);
        b.working(600);
        long session = supportA();

        a.receives(late);

        assertThat(a.support().received()).isEqualTo(session);
    }

    @Test
    void anAnswerThatTookTooLongIsNoSupport() {
        a.after(0);
        b.receives(a.last());
        a.after(540).receives(b.last());

        assertThat(a.support().received()).isZero();
    }

    @Test
    void aNewLifeOfTheAskerGetsASessionOnceThePromiseToItsOldLifeHasRunOut() {
        supportA();
        long old = b.support().given();
        a.working(200);
        b.working(200);
        a.restart().after(0);

        b.receives(a.last());
        assertThat(b.support().given()).isEqualTo(old);
        a.working(400);
        b.working(400).receives(a.last());

        assertThat(b.support().given()).isNotZero().isNotEqualTo(old);
        assertThat(a.receives(b.last()).support().received())
                .isEqualTo(b.support().given());
    }

    @Test
    void aQuestionThatComesLateIsAnsweredAtOnceAndAnyOtherWithTheNextQuestion() {
        supportA();
        a.working(150);
        b.working(150);
        int sent = b.sent.size();
        b.receives(a.last());
        assertThat(b.sent).hasSize(sent);

        a.working(250);
        b.working(250);
        sent = b.sent.size();
        b.receives(a.last());

        assertThat(b.sent).hasSize(sent + 1);
        assertThat(b.last().session()).isEqualTo(b.support().given());
        assertThat(b.last().answeredSentNanos()).isEqualTo(a.last().sentNanos());
    }

    @Test
    void aSessionIsGivenToOneLifeAlone() {
        supportA();
        long firstLife = a.last().incarnation();
        assertThat(b.support().given(firstLife)).isEqualTo(b.support().given());

        a.working(600);
        b.working(600);
        a.restart().after(0);
        b.receives(a.last());

        assertThat(b.support().given(a.last().incarnation()))
                .isNotZero()
                .isEqualTo(b.support().given());
        assertThat(b.support().given(firstLife)).isZero();
    }

    @Test
    void anAnswerToAnEarlierLifeIsNotCounted() {
        a.after(0);
        b.receives(a.last());
        a.restart();

        assertThat(a.receives(b.last()).support().received()).isZero();
    }

    @Test
    void aNewLifeOfTheSupporterBeginsANewSession() {
        long session = supportA();
        b.restart();
        a.working(100);
        b.receives(a.last());

        assertThat(b.support().given()).isNotZero().isNotEqualTo(session);
    }

    @Test
    void whoseDiskStallsNeitherAsksNorAnswers() {
        supportA();
        a.after(1_999);
        assertThat(a.liveness.diskProves()).isTrue();
        a.sent.clear();
        a.after(1);
        assertThat(a.liveness.diskProves()).isFalse();
        assertThat(a.sent).isEmpty();

        b.working(2_000);
        a.receives(b.last());
        a.after(100);
        assertThat(a.sent).isEmpty();
        assertThat(a.support().given()).isZero();

        a.diskSyncs().after(0);
        assertThat(a.sent).hasSize(1);
    }

    @Test
    void beforeItsFirstSyncANodeAsksNobody() {
        Node fresh = new Node("c", "a", 5).after(100);

        assertThat(fresh.sent).isEmpty();
        assertThat(fresh.probeAsked).isTrue();
    }

    @Test
    void anIdleDiskIsProbedOnceUntilTheProbeIsBack() {
        a.after(399);
        assertThat(a.probeAsked).isFalse();
        a.after(1);
        assertThat(a.probeAsked).isTrue();
        a.probeAsked = false;
        a.after(1_000);
        assertThat(a.probeAsked).isFalse();

        a.take(a.liveness.diskProbed(true, a.nowMillis * MILLI));
        assertThat(a.liveness.diskProves()).isTrue();
        assertThat(a.after(400).probeAsked).isTrue();
    }

    @Test
    void aProbeThatFailsProvesNothingAndIsTriedAgainLater() {
        a.after(400);
        a.probeAsked = false;
        a.take(a.liveness.diskProbed(false, a.nowMillis * MILLI));

        assertThat(a.after(399).probeAsked).isFalse();
        assertThat(a.after(1).probeAsked).isTrue();
        assertThat(a.after(1_200).liveness.diskProves()).isFalse();
    }

    @Test
    void theNextTickIsTheNextThingThatHappens() {
        a.after(0);
        assertThat(a.liveness.nextTickNanos()).isEqualTo(1_100 * MILLI);
        supportA();
        a.after(100);
        a.after(100);
        assertThat(a.liveness.nextTickNanos()).isEqualTo(1_300 * MILLI);
    }
}
