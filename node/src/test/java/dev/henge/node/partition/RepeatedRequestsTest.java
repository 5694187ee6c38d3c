package dev.henge.node.partition;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.henge.item.AttributeValue;
import dev.henge.item.ItemCodec;
import dev.henge.item.ItemKeys;
import dev.henge.item.KeyEncoding;
import dev.henge.membership.Tokens;
import dev.henge.node.log.SpaceLevel;
import dev.henge.proto.DataRequest;
import dev.henge.proto.DataResponse;
import dev.henge.proto.DocumentPath;
import dev.henge.proto.PathElement;
import dev.henge.proto.Refusal;
import dev.henge.proto.Update;
import dev.henge.proto.UpdateAction;
import dev.henge.proto.WriteItem;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Copies of one request, however late they come, change things once. */
class RepeatedRequestsTest {

    private static final long TABLE = 7;

    private final LoneReplica replica;

    RepeatedRequestsTest() throws IOException {
        replica = new LoneReplica();
    }

    @Test
    void aCopyOfAWriteIsGivenTheFirstOutcome() {
        DataResponse first = replica.ask(put("a", "one", 0));
        replica.ask(put("b", "two", 0));

        DataResponse copy = replica.ask(put("a", "one", 0));

        assertThat(first.hasItemWritten()).isTrue();
        assertThat(copy.getItemWritten()).isEqualTo(first.getItemWritten());
    }

    @Test
    void aWriteThatChangedNothingWhenRepeatedChangesNothingWhenItsFirstCopyArrivesAtLast() {
        DataResponse repeated = replica.ask(removeAttribute("r", true));
        replica.ask(put("p", "there", 0));

        DataResponse late = replica.ask(removeAttribute("r", false));

        assertThat(repeated.hasItemWritten()).isTrue();
        assertThat(late.getItemWritten()).isEqualTo(repeated.getItemWritten());
        assertThat(replica.ask(put("q", "next", 0)
                                .setWriteItem(write("q", "next").setReturn(WriteItem.Return.RETURN_ALL_OLD)))
                        .getItemWritten()
                        .getAttributes())
                .isEqualTo(item("there"));
    }

    @Test
    void aCopyThatComesAfterItWasForgottenIsRefusedAndDoesNothing() {
        replica.ask(put("a", "one", 0));
        replica.passSeconds(31);
        replica.ask(put("b", "two", 0));
        long lastIndex = replica.lastIndex();

        DataResponse late = replica.ask(put("a", "one", 0));

        assertThat(late.getRefusal().getCode()).isEqualTo(Refusal.Code.REQUEST_TOO_OLD);
        assertThat(replica.lastIndex()).isEqualTo(lastIndex);
    }

    @Test
    void aNewRequestMadeWithTheTimeOfTheRefusalIsTaken() {
        replica.ask(put("a", "one", 0));
        replica.passSeconds(31);
        replica.ask(put("b", "two", 0));
        DataResponse refused = replica.ask(put("c", "three", 0));

        DataResponse second = replica.ask(put("c", "three", refused.getPartitionTimeMillis()));

        assertThat(refused.getRefusal().getCode()).isEqualTo(Refusal.Code.REQUEST_TOO_OLD);
        assertThat(second.hasItemWritten()).isTrue();
    }

    /** Else a second copy of a request whose first was lost could not be told from one that was carried out. */
    @Test
    void aNewPartitionHasForgottenNothing() {
        replica.spaceLevel(SpaceLevel.SCARCE);
        replica.ask(put("refused", "one", 0));
        replica.passSeconds(1);
        replica.spaceLevel(SpaceLevel.AMPLE);
        long timeMillis = replica.ask(put("a", "one", 0)).getPartitionTimeMillis();

        DataResponse next = replica.ask(put("b", "two", 0));

        assertThat(timeMillis).isGreaterThan(0);
        assertThat(next.hasItemWritten()).isTrue();
    }

    @Test
    void aPartitionThatStoodIdleHasForgottenNothing() {
        long known = replica.ask(put("a", "one", 0)).getPartitionTimeMillis();
        replica.passSeconds(3600);

        assertThat(replica.ask(put("b", "two", known)).hasItemWritten()).isTrue();
    }

    @Test
    void whatAPartitionAtRestRemembersIsOnlyInItsStorage() {
        DataResponse first = replica.ask(put("a", "one", 0));
        replica.ask(put("b", "two", 0));
        boolean inMemory = replica.remembersInMemory();

        rest();
        boolean atRest = replica.remembersInMemory();
        DataResponse copy = replica.ask(put("a", "one", 0));

        assertThat(inMemory).isTrue();
        assertThat(atRest).isFalse();
        assertThat(copy.getItemWritten()).isEqualTo(first.getItemWritten());
    }

    @Test
    void aPartitionThatRestedForgetsAsOthersDo() {
        replica.ask(put("a", "one", 0));
        rest();
        replica.passSeconds(31);
        replica.ask(put("b", "two", 0));

        assertThat(replica.ask(put("a", "one", 0)).getRefusal().getCode()).isEqualTo(Refusal.Code.REQUEST_TOO_OLD);
    }

    @Test
    void aLargeOutcomeIsGivenAgainFromTheStorage() {
        String large = "x".repeat(2 * RequestMemory.HELD_BYTES_MAX);
        replica.ask(put("a", large, 0));
        DataRequest.Builder replaces =
                DataRequest.newBuilder().setWriteItem(write("b", "two").setReturn(WriteItem.Return.RETURN_ALL_OLD));
        DataResponse first = replica.ask(replaces);

        DataResponse copy = replica.ask(replaces);

        assertThat(first.getItemWritten().getAttributes()).isEqualTo(item(large));
        assertThat(copy.getItemWritten()).isEqualTo(first.getItemWritten());
    }

    /** Long enough for what nobody asks for to leave the memory. */
    private void rest() {
        for (int time = 0; time < 3; time++) {
            replica.passSeconds(10);
        }
    }

    private static DataRequest.Builder put(String requestId, String value, long knownTimeMillis) {
        return DataRequest.newBuilder().setKnownTimeMillis(knownTimeMillis).setWriteItem(write(requestId, value));
    }

    private static WriteItem.Builder write(String requestId, String value) {
        return request(requestId).setPut(item(value));
    }

    private static DataRequest.Builder removeAttribute(String requestId, boolean repeated) {
        DocumentPath value = DocumentPath.newBuilder()
                .addElements(PathElement.newBuilder().setAttribute("v"))
                .build();
        return DataRequest.newBuilder()
                .setWriteItem(request(requestId)
                        .setRepeated(repeated)
                        .setKeyAttributes(ByteString.copyFrom(
                                ItemCodec.encode(Map.of("k", new AttributeValue.StringValue("key")))))
                        .setUpdate(Update.newBuilder()
                                .addActions(UpdateAction.newBuilder().setRemove(value))));
    }

    private static WriteItem.Builder request(String requestId) {
        byte[] key = KeyEncoding.encode(new AttributeValue.StringValue("key"));
        return WriteItem.newBuilder()
                .setRequestId(ByteString.copyFromUtf8(requestId))
                .setTable(TABLE)
                .setKey(ByteString.copyFrom(ItemKeys.of(Tokens.of(TABLE, key), key)));
    }

    private static ByteString item(String value) {
        return ByteString.copyFrom(ItemCodec.encode(
                Map.of("k", new AttributeValue.StringValue("key"), "v", new AttributeValue.StringValue(value))));
    }
}
