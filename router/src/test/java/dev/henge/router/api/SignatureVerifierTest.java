package dev.henge.router.api;

import static dev.henge.router.api.SignedCall.NOW;
import static dev.henge.router.api.Verifying.ALICE;
import static dev.henge.router.api.Verifying.BOB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.henge.cluster.Deadline;
import dev.henge.proto.Catalog;
import dev.henge.proto.CredentialRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4FamilyHttpSigner;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.AwsSessionCredentialsIdentity;

/** Requests that the AWS SDK for Java signed, and what can be wrong with them. */
class SignatureVerifierTest {

    private static final String UNKNOWN = "The security token included in the request is invalid.";
    private static final String MISMATCH =
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access"
                    + " Key and signing method. Consult the service documentation for details.";

    private final Verifying verifying = new Verifying();

    @Test
    void theSdksSignatureIsRight() {
        accepts(SignedCall.by(ALICE));
        accepts(SignedCall.by(BOB));
    }

    @ParameterizedTest
    @ValueSource(strings = {"us-east-1", "mars-west-7"})
    void anyRegionWillDo(String region) {
        accepts(SignedCall.by(ALICE, NOW, sign -> sign.putProperty(AwsV4HttpSigner.REGION_NAME, region)));
    }

    @Test
    void aRequestMayBeSignedInItsQuery() {
        accepts(presigned(NOW, Duration.ofMinutes(1)));
        accepts(presigned(NOW, Duration.ofMinutes(1)).withQueryRespelt());
    }

    @Test
    void whatIsSignedCantBeChanged() {
        SignedCall call = SignedCall.by(ALICE);

        List.of(
                        call.withBody("{} "),
                        call.withBody(""),
                        call.withUri("/other"),
                        call.withUri("/?a=b"),
                        call.withHeader("X-Amz-Target", "DynamoDB_20120810.DeleteTable"),
                        call.withHeader("X-Amz-Target", null),
                        call.withHeader("Host", "elsewhere"),
                        call.withHeader("X-Amz-Date", "20240229T123014Z"),
                        call.reworded("eu-north-1", "eu-north-2"),
                        call.reworded(ALICE.accessKeyId(), BOB.accessKeyId()),
                        call.reworded("content-type;", ""),
                        call.reworded("Signature=", "Signature=0"))
                .forEach(changed -> refuses(changed, ErrorType.INVALID_SIGNATURE, MISMATCH));
    }

    @Test
    void aPresignedRequestCantBeChanged() {
        SignedCall call = presigned(NOW, Duration.ofMinutes(1));

        List.of(
                        call.withBody("{} "),
                        call.withUri(call.uri() + "&a=b"),
                        call.withUri(call.uri().replace("X-Amz-Expires=60", "X-Amz-Expires=61")),
                        call.withHeader("Host", "elsewhere"))
                .forEach(changed -> refuses(changed, ErrorType.INVALID_SIGNATURE, MISMATCH));
    }

    @Test
    void theSecretMustBeRight() {
        AwsCredentialsIdentity forger = AwsCredentialsIdentity.create(ALICE.accessKeyId(), "not alice's");

        refuses(SignedCall.by(forger), ErrorType.INVALID_SIGNATURE, MISMATCH);
    }

    @Test
    void aSignatureInCapitalDigitsIsAnother() {
        SignedCall call = SignedCall.by(ALICE);
        String authorization = String.valueOf(call.header("Authorization"));
        String signature = authorization.substring(authorization.indexOf("Signature=") + "Signature=".length());

        refuses(
                call.reworded(signature, signature.toUpperCase(java.util.Locale.ROOT)),
                ErrorType.INVALID_SIGNATURE,
                MISMATCH);
    }

    @Test
    void anUnknownKeyIsRefused() {
        refuses(
                SignedCall.by(AwsCredentialsIdentity.create("HNGEMALLORY", "secret")),
                ErrorType.UNRECOGNIZED_CLIENT,
                UNKNOWN);
    }

    @Test
    void aKeyThatIsDisabledIsRefusedUntilItIsEnabled() {
        accepts(SignedCall.by(ALICE));
        verifying.put(ALICE, CredentialRecord.Status.DISABLED);
        refuses(SignedCall.by(ALICE), ErrorType.UNRECOGNIZED_CLIENT, UNKNOWN);
        accepts(SignedCall.by(BOB));

        verifying.put(ALICE, CredentialRecord.Status.ACTIVE);
        accepts(SignedCall.by(ALICE));
    }

    @Test
    void aKeyThatIsDeletedIsRefused() {
        accepts(SignedCall.by(ALICE));
        verifying.remove(ALICE);

        refuses(SignedCall.by(ALICE), ErrorType.UNRECOGNIZED_CLIENT, UNKNOWN);
    }

    @Test
    void aKeyMadeAnewWithAnotherSecretForgetsTheOld() {
        accepts(SignedCall.by(ALICE));
        AwsCredentialsIdentity renewed = AwsCredentialsIdentity.create(ALICE.accessKeyId(), "another secret");
        verifying.put(renewed, CredentialRecord.Status.ACTIVE);

        refuses(SignedCall.by(ALICE), ErrorType.INVALID_SIGNATURE, MISMATCH);
        accepts(SignedCall.by(renewed));
    }

    @Test
    void aRecordWithoutItsSecretOpensNothing() {
        AwsCredentialsIdentity empty = AwsCredentialsIdentity.create("HNGEEMPTY", "x");
        Catalog catalog = verifying.cluster.catalog();
        verifying.cluster.learnCatalog(catalog.toBuilder()
                .setEpoch(catalog.getEpoch() + 1)
                .addCredentials(CredentialRecord.newBuilder()
                        .setAccessKeyId("HNGEEMPTY")
                        .setStatus(CredentialRecord.Status.ACTIVE))
                .build());

        refuses(SignedCall.by(empty), ErrorType.UNRECOGNIZED_CLIENT, UNKNOWN);
    }

    @Test
    void aSessionTokenIsNoneOfOurs() {
        AwsSessionCredentialsIdentity session =
                AwsSessionCredentialsIdentity.create(ALICE.accessKeyId(), ALICE.secretAccessKey(), "token");

        refuses(SignedCall.by(session), ErrorType.UNRECOGNIZED_CLIENT, UNKNOWN);
    }

    @Test
    void clocksMayDifferByAQuarterOfAnHour() {
        accepts(SignedCall.by(ALICE, NOW.minusSeconds(900), sign -> {}));
        accepts(SignedCall.by(ALICE, NOW.plusSeconds(900), sign -> {}));

        refuses(
                SignedCall.by(ALICE, NOW.minusSeconds(901), sign -> {}),
                ErrorType.INVALID_SIGNATURE,
                "Signature expired: 20240229T121514Z is now earlier than 20240229T121515Z (20240229T123015Z - 15 min.)");
        refuses(
                SignedCall.by(ALICE, NOW.plusSeconds(901), sign -> {}),
                ErrorType.INVALID_SIGNATURE,
                "Signature not yet current: 20240229T124516Z is still later than 20240229T124515Z (20240229T123015Z + 15"
                        + " min.)");
    }

    @Test
    void aPresignedRequestEndsWhenItSays() {
        SignedCall call = presigned(NOW, Duration.ofSeconds(3_600));
        verifying.at(NOW.plusSeconds(3_600));
        accepts(call);

        verifying.at(NOW.plusSeconds(3_601));
        refuses(
                call,
                ErrorType.INVALID_SIGNATURE,
                "Signature expired: 20240229T123015Z is now earlier than 20240229T123016Z (20240229T133016Z - 60 min.)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "soon   | X-Amz-Expires should be a number",
                "-1     | X-Amz-Expires must be non-negative",
                "604801 | X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be"
                        + " less than 604800 seconds",
            })
    void aPresignedRequestLivesAWeekAtMost(String expires, String message) {
        SignedCall call = presigned(NOW, Duration.ofMinutes(1));

        refuses(
                call.withUri(call.uri().replace("X-Amz-Expires=60", "X-Amz-Expires=" + expires)),
                ErrorType.INCOMPLETE_SIGNATURE,
                message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"201", "20240229T123015", "20240230T123015Z", "20240229T243015Z", "2024022xT123015Z", ""})
    void aDateMustBeOne(String date) {
        refuses(
                SignedCall.by(ALICE).withHeader("X-Amz-Date", date),
                ErrorType.INCOMPLETE_SIGNATURE,
                "Date must be in ISO-8601 'basic format'. Got '" + date
                        + "'. See http://en.wikipedia.org/wiki/ISO_8601");
    }

    @Test
    void theDateHeaderWillDoInTheFormOfHttp() {
        SignedCall dated =
                SignedCall.by(ALICE).withHeader("X-Amz-Date", null).withHeader("Date", "Thu, 29 Feb 2024 12:30:15 GMT");

        // The date was understood; what was signed is another set of headers.
        refuses(dated, ErrorType.INVALID_SIGNATURE, MISMATCH);
    }

    @Test
    void theHostMustBeSigned() {
        refuses(
                SignedCall.by(ALICE).reworded("host;", ""),
                ErrorType.INVALID_SIGNATURE,
                "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
    }

    @Test
    void theAlgorithmMustBeTheOne() {
        refuses(
                SignedCall.by(ALICE).reworded("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"),
                ErrorType.INCOMPLETE_SIGNATURE,
                "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA1' (only AWS4-HMAC-SHA256 for now). ");
    }

    @Test
    void aCredentialHasFiveParts() {
        SignedCall call = SignedCall.by(ALICE);

        refuses(
                call.reworded("/aws4_request", ""),
                ErrorType.INCOMPLETE_SIGNATURE,
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got"
                        + " 'HNGEALICE/20240229/eu-north-1/dynamodb'");
        refuses(
                call.reworded("/aws4_request", "/aws4_request/more"),
                ErrorType.INCOMPLETE_SIGNATURE,
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got"
                        + " 'HNGEALICE/20240229/eu-north-1/dynamodb/aws4_request/more'");
        accepts(call.reworded("/aws4_request", "/aws4_request//"));
    }

    @Test
    void theScopeIsCheckedBeforeTheKey() {
        refuses(
                SignedCall.by(ALICE).reworded("HNGEALICE/20240229/eu-north-1/dynamodb/aws4_request", "a/b/c/d/e"),
                ErrorType.INVALID_SIGNATURE,
                "Credential should be scoped to correct service: 'dynamodb'. Credential should be scoped with a valid"
                        + " terminator: 'aws4_request', not 'e'. Date in Credential scope does not match YYYYMMDD from"
                        + " ISO-8601 version of date from HTTP: 'b' != '20240229', from '20240229T123015Z'.");
    }

    @Test
    void aPartOfTheHeaderWithoutAValueIsNamed() {
        refuses(
                SignedCall.by(ALICE)
                        .withHeader("Authorization", "AWS4-HMAC-SHA256 Signature=b,    Credential,    SignedHeaders"),
                ErrorType.INCOMPLETE_SIGNATURE,
                "'Credential' not a valid key=value pair (missing equal-sign) in Authorization header:"
                        + " 'AWS4-HMAC-SHA256 Signature=b,    Credential,    SignedHeaders'.");
    }

    @Test
    void onlyKeysOfRightSignaturesAreKept() {
        AwsCredentialsIdentity forger = AwsCredentialsIdentity.create(ALICE.accessKeyId(), "not alice's");
        for (int i = 0; i < 10; i++) {
            String region = "region-" + i;
            refuses(
                    SignedCall.by(forger, NOW, sign -> sign.putProperty(AwsV4HttpSigner.REGION_NAME, region)),
                    ErrorType.INVALID_SIGNATURE,
                    MISMATCH);
        }
        assertThat(verifying.verifier.keptKeys()).isZero();

        accepts(SignedCall.by(ALICE));
        accepts(SignedCall.by(ALICE));
        assertThat(verifying.verifier.keptKeys()).isEqualTo(1);
    }

    @Test
    void aRouterThatKnowsNoCatalogYetSaysSoInTime() {
        verifying.cluster.forgetCatalog();
        SignedCall call = SignedCall.by(ALICE);

        ApiException refusal = catchThrowableOfType(
                ApiException.class,
                () -> verifying.verifier.verify(call, ClaimedSignature.of(call), Deadline.after(Duration.ZERO)));

        assertThat(refusal.type()).isEqualTo(ErrorType.INTERNAL_SERVER_ERROR);
    }

    private static SignedCall presigned(Instant time, Duration life) {
        return SignedCall.by(ALICE, time, sign -> sign.putProperty(
                        AwsV4FamilyHttpSigner.AUTH_LOCATION, AwsV4FamilyHttpSigner.AuthLocation.QUERY_STRING)
                .putProperty(AwsV4FamilyHttpSigner.EXPIRATION_DURATION, life));
    }

    private void accepts(SignedCall call) {
        assertThatCode(() -> verifying.verify(call)).as("%s", call).doesNotThrowAnyException();
    }

    private void refuses(SignedCall call, ErrorType type, String message) {
        ApiException refusal = catchThrowableOfType(ApiException.class, () -> verifying.verify(call));

        assertThat(refusal).as("%s", call).isNotNull().hasMessage(message);
        assertThat(refusal.type()).isEqualTo(type);
    }
}
