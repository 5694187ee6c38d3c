package dev.henge.router.api;

import static dev.henge.router.api.SignedCall.NOW;
import static dev.henge.router.api.Verifying.ALICE;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4FamilyHttpSigner;

/** Whatever the AWS SDK for Java signs is found rightly signed, and nothing else is. */
class SignatureProperties {

    private final Verifying verifying = new Verifying();

    @Property(tries = 400)
    void whatTheSdkSignsIsRight(
            @ForAll("paths") String path,
            @ForAll("parameters") Map<String, List<String>> parameters,
            @ForAll("headers") Map<String, List<String>> headers,
            @ForAll @Size(max = 200) byte[] body,
            @ForAll boolean inQuery) {
        SignedCall call = signed(path, parameters, headers, body, inQuery);

        assertThatCode(() -> verifying.verify(call)).as("%s", call).doesNotThrowAnyException();
        SignedCall respelt = call.withQueryRespelt();
        assertThatCode(() -> verifying.verify(respelt)).as("%s", respelt).doesNotThrowAnyException();
    }

    @Property(tries = 100)
    void anotherBodyIsNot(@ForAll @Size(max = 50) byte[] body, @ForAll boolean inQuery) {
        SignedCall call = signed("/", Map.of(), Map.of(), body, inQuery).withBody("another body");

        assertThatThrownBy(() -> verifying.verify(call)).isInstanceOf(ApiException.class);
    }

    private static SignedCall signed(
            String path,
            Map<String, List<String>> parameters,
            Map<String, List<String>> headers,
            byte[] body,
            boolean inQuery) {
        SdkHttpRequest.Builder request = SignedCall.usual().encodedPath(path);
        parameters.forEach(request::putRawQueryParameter);
        headers.forEach(request::putHeader);
        return SignedCall.by(
                ALICE,
                NOW,
                sign -> {
                    if (inQuery) {
                        sign.putProperty(
                                        AwsV4FamilyHttpSigner.AUTH_LOCATION,
                                        AwsV4FamilyHttpSigner.AuthLocation.QUERY_STRING)
                                .putProperty(AwsV4FamilyHttpSigner.EXPIRATION_DURATION, Duration.ofMinutes(5));
                    }
                },
                request.build(),
                body);
    }

    /** Begins deep enough that no dot segment climbs above the root, where signers differ. */
    @Provide
    Arbitrary<String> paths() {
        Arbitrary<String> segments = Arbitraries.oneOf(
                Arbitraries.of("", ".", "..", "%20", "%2F", "%2f", "%C3%A9", "~", "a+b", "*", "a=b;c", "@:$,"),
                Arbitraries.strings().withCharRange('a', 'z').ofMaxLength(4));
        Arbitrary<String> deep = segments.list()
                .ofMaxSize(4)
                .map(list -> "/r/r/r/r" + (list.isEmpty() ? "" : "/" + String.join("/", list)));
        return Arbitraries.oneOf(Arbitraries.of("/", "/.", "/a/..", "/a/"), deep);
    }

    @Provide
    Arbitrary<Map<String, List<String>>> parameters() {
        Arbitrary<String> text = Arbitraries.oneOf(
                Arbitraries.of("a", "b", "a b", "a+b", "%41", "=", "&", "/", "~", "é", "漢字", "X-Amz-Foo"),
                Arbitraries.strings().ascii().excludeChars('\0').ofMinLength(1).ofMaxLength(6));
        return Arbitraries.maps(text, text.list().ofMinSize(1).ofMaxSize(3)).ofMaxSize(4);
    }

    @Provide
    Arbitrary<Map<String, List<String>>> headers() {
        Arbitrary<String> values = Arbitraries.oneOf(
                Arbitraries.of("", " ", "a  b", "  a \t b ", "\"a   b\"", "a,b", "é"),
                Arbitraries.strings().withCharRange('!', '~').ofMaxLength(8));
        return Arbitraries.maps(
                        Arbitraries.of("X-Amz-Meta", "x-amz-Other", "My-Header", "Content-Encoding"),
                        values.list().ofMinSize(1).ofMaxSize(3))
                .ofMaxSize(3);
    }
}
