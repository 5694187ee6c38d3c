package dev.henge.router.api;

import org.jspecify.annotations.Nullable;

/** Table names as clients give them: plain, or as the table's ARN. */
final class TableNames {

    private static final String TABLE_RESOURCE = ":table/";
    private static final int RESOURCE_ARN_LENGTH_MAX = 1_283;

    private TableNames() {}

    /** The plain name; of an ARN the part after {@code :table/}, whatever region and account it names. */
    static @Nullable String plain(@Nullable String nameOrArn) {
        if (nameOrArn == null || !nameOrArn.startsWith("arn:")) {
            return nameOrArn;
        }
        int resource = nameOrArn.indexOf(TABLE_RESOURCE);
        return resource < 0 ? nameOrArn : nameOrArn.substring(resource + TABLE_RESOURCE.length());
    }

    /**
     * Checks the name that an operation on a table (not on items) was given; these have texts of their own.
     *
     * @return the plain name
     */
    static String required(@Nullable String nameOrArn) {
        String name = plain(nameOrArn);
        if (name == null) {
            throw ApiException.validation("The parameter 'TableName' is required but was not present in the request");
        }
        if (name.length() < Constraints.NAME_LENGTH_MIN || name.length() > Constraints.NAME_LENGTH_MAX) {
            throw ApiException.validation(
                    "TableName must be at least 3 characters long and at most 255 characters long");
        }
        return name;
    }

    /** The ResourceArn of a request that must have one. */
    static String requiredResourceArn(@Nullable String arn) {
        if (arn == null || arn.isEmpty()) {
            throw ApiException.validation("Invalid TableArn");
        }
        return arn;
    }

    static void checkResourceArnLength(String arn, Constraints constraints) {
        constraints.length(arn, arn.length(), 1, RESOURCE_ARN_LENGTH_MAX, "resourceArn");
    }

    /** The table's name in an ARN given as ResourceArn, whatever region and account it names. */
    static String ofResourceArn(String arn) {
        if (!arn.startsWith("arn:")) {
            throw ApiException.invalidParameter("ARNs must start with 'arn:': " + arn);
        }
        int resource = arn.indexOf(TABLE_RESOURCE);
        if (resource < 0 || !arn.contains(":dynamodb:")) {
            throw ApiException.invalidParameter("Provided Arn is not a DynamoDB resource arn: " + arn);
        }
        String name = arn.substring(resource + TABLE_RESOURCE.length());
        if (name.contains("/index/")) {
            throw ApiException.invalidParameter(
                    "Invalid resource arn provided, only table or stream is accepted. Provided resource arn: " + arn);
        }
        if (name.length() < Constraints.NAME_LENGTH_MIN || name.length() > Constraints.NAME_LENGTH_MAX) {
            throw ApiException.validation("Invalid TableArn: Invalid ResourceArn provided as input " + arn);
        }
        return name;
    }
}
