package dev.henge.chaos.support;

import java.net.URI;
import java.time.Duration;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClientBuilder;

/** The AWS SDK for Java, pointed at a cluster. */
public final class Clients {

    /** Longer than the router's own deadline, so that the router has the last word when it is alive. */
    private static final Duration ATTEMPT_MAX = Duration.ofSeconds(15);

    private Clients() {}

    /** As a person makes it: retries and time limits are the SDK's own. */
    public static DynamoDbClient usual(URI endpoint) {
        return builder(endpoint).build();
    }

    /** The same, with an access key of the cluster's. */
    public static DynamoDbClient signing(URI endpoint, String accessKeyId, String secretKey) {
        return builder(endpoint)
                .credentialsProvider(
                        StaticCredentialsProvider.create(AwsBasicCredentials.create(accessKeyId, secretKey)))
                .build();
    }

    /** One attempt for each call, so that a failure is seen and a write is sent once at most. */
    public static DynamoDbClient withoutRetries(URI endpoint) {
        return builder(endpoint)
                .overrideConfiguration(configuration -> configuration
                        .retryStrategy(AwsRetryStrategy.doNotRetry())
                        .apiCallTimeout(ATTEMPT_MAX))
                .build();
    }

    private static DynamoDbClientBuilder builder(URI endpoint) {
        return DynamoDbClient.builder()
                .endpointOverride(endpoint)
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("any", "thing")))
                .httpClientBuilder(UrlConnectionHttpClient.builder().socketTimeout(ATTEMPT_MAX.plusSeconds(1)));
    }
}
