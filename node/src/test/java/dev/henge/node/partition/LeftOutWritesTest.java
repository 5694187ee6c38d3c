package dev.henge.node.partition;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.henge.membership.TokenRange;
import dev.henge.proto.DataResponse;
import dev.henge.proto.ItemWritten;
import dev.henge.proto.ItemsWritten;
import dev.henge.proto.Refusal;
import dev.henge.proto.WriteItem;
import dev.henge.proto.WriteItems;
import dev.henge.proto.WriteOutcome;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeftOutWritesTest {

    private static final List<TokenRange> THIRDS = TokenRange.cut(3);
    private static final WriteItems WHOLE = WriteItems.newBuilder()
            .setRequestId(ByteString.copyFromUtf8("r"))
            .addWrites(writeIn(THIRDS.get(0)))
            .addWrites(writeIn(THIRDS.get(1)))
            .addWrites(writeIn(THIRDS.get(2)))
            .build();

    /** Carried out by the partition that had the first third alone. */
    private static final ItemsWritten DONE = ItemsWritten.newBuilder()
            .addOutcomes(written("first"))
            .addOutcomes(WriteOutcome.getDefaultInstance())
            .addOutcomes(WriteOutcome.getDefaultInstance())
            .build();

    /** It becomes larger between two copies of the request: what the first of them brought about is known by the second. */
    @Test
    void aWriteThatWasLeftOutIsTheSameRequestWhateverElseWas() {
        LeftOutWrites ofTwoThirds =
                leftOut(new TokenRange(THIRDS.get(0).start(), THIRDS.get(1).end()));
        LeftOutWrites ofAll =
                leftOut(new TokenRange(THIRDS.get(0).start(), THIRDS.get(2).end()));

        assertThat(ofTwoThirds.positions()).containsExactly(1);
        assertThat(ofAll.positions()).containsExactly(1, 2);
        assertThat(ofAll.requests().getFirst()).isEqualTo(ofTwoThirds.requests().getFirst());
        assertThat(ofAll.requests().getLast().getRequestId())
                .isNotEqualTo(ofAll.requests().getFirst().getRequestId());
        assertThat(ofAll.requests()).allMatch(request -> request.getWritesCount() == 1);
    }

    @Test
    void theWholeIsAnsweredWhenAllAre() {
        List<DataResponse> answers = new ArrayList<>();
        List<Responder> responders =
                leftOut(TokenRange.cut(1).getFirst()).answerTogether(response -> answers.add(response.build()));

        responders.getLast().respond(answer("third"));
        assertThat(answers).isEmpty();
        responders.getFirst().respond(answer("second"));

        assertThat(answers).singleElement().satisfies(answer -> assertThat(
                        answer.getItemsWritten().getOutcomesList())
                .containsExactly(written("first"), written("second"), written("third")));
    }

    @Test
    void oneThatFailedFailsTheWhole() {
        List<DataResponse> answers = new ArrayList<>();
        List<Responder> responders =
                leftOut(TokenRange.cut(1).getFirst()).answerTogether(response -> answers.add(response.build()));

        responders.getFirst().respond(Refusals.of(Refusal.Code.NOT_LEADER, "leads no more"));
        responders.getLast().respond(answer("third"));

        assertThat(answers)
                .singleElement()
                .satisfies(answer -> assertThat(answer.getRefusal().getCode()).isEqualTo(Refusal.Code.NOT_LEADER));
    }

    private static LeftOutWrites leftOut(TokenRange tokens) {
        return LeftOutWrites.of(WHOLE, DONE, tokens).orElseThrow();
    }

    private static DataResponse.Builder answer(String item) {
        return DataResponse.newBuilder()
                .setItemsWritten(ItemsWritten.newBuilder().addOutcomes(written(item)));
    }

    private static WriteOutcome written(String item) {
        return WriteOutcome.newBuilder()
                .setWritten(ItemWritten.newBuilder().setAttributes(ByteString.copyFromUtf8(item)))
                .build();
    }

    private static WriteItem writeIn(TokenRange range) {
        ByteBuffer key = ByteBuffer.allocate(12).putLong(range.start());
        return WriteItem.newBuilder()
                .setTable(1)
                .setKey(ByteString.copyFrom(key.rewind()))
                .build();
    }
}
