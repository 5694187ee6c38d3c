package dev.henge.membership;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class TokensTest {

    /** The hash is part of the stored format: these values never change. */
    @Test
    void tokensAreStableAcrossReleases() {
        assertThat(Long.toHexString(Tokens.of(1, "jane_doe".getBytes(UTF_8)))).isEqualTo("e3e49e9376b57bc9");
        assertThat(Long.toHexString(Tokens.of(2, "jane_doe".getBytes(UTF_8)))).isEqualTo("6b4202275cbce990");
        assertThat(Long.toHexString(Tokens.of(1, new byte[0]))).isEqualTo("2fbc593564db792e");
    }

    @Property
    void theTokenOfAnItemKeyIsItsFirstEightBytes(@ForAll long token, @ForAll byte[] rest) {
        byte[] key =
                ByteBuffer.allocate(8 + rest.length).putLong(token).put(rest).array();

        assertThat(Tokens.ofItemKey(key)).isEqualTo(token);
    }
}
