package dev.henge.chaos.oracle;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Errors that both give for the same fault in other words. The service's words are those of Henge: they stand in issues
 * and answers of people who met them, or in test suites that were run against the service (Dynalite's, Alternator's).
 */
final class KnownTexts {

    /**
     * Two texts for one fault.
     *
     * @param name of the fault
     * @param local what DynamoDB Local says, a pattern of the exception's name and the message
     * @param service what the service says, a pattern too
     */
    record Pair(String name, Pattern local, Pattern service) {

        boolean matches(Answer ofLocal, Answer ofHenge) {
            return local.matcher(text(ofLocal)).matches()
                    && service.matcher(text(ofHenge)).matches();
        }
    }

    private static final String INVALID = "ValidationException One or more parameter values were invalid: ";
    private static final String VALUE = "ValidationException (ExpressionAttributeValues contains invalid value: )?";

    static final List<Pair> ALL = List.of(
            pair(
                    "no number",
                    VALUE + "A value provided cannot be converted into a number.*",
                    VALUE + "The parameter cannot be converted to a numeric value.*"),
            pair(
                    "too many digits in a number",
                    VALUE + "DynamoDB only supports precision up to 38 digits.*",
                    VALUE + "Attempting to store more than 38 significant digits in a Number.*"),
            pair(
                    "too many digits in a sum",
                    "ValidationException DynamoDB only supports precision up to 38 digits",
                    "ValidationException Number overflow\\. Attempting to store a number with magnitude larger than "
                            + "supported range"),
            pair(
                    "duplicates in a set",
                    "ValidationException .*Input collection .*contains duplicates.*",
                    "ValidationException .*Input collection .*contains duplicates.*"),
            pair(
                    "null in an item",
                    "ValidationException .*The supplied Item contains a null AttributeValue.*",
                    VALUE + "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes.*"),
            pair(
                    "a name of an attribute that is too long",
                    "ValidationException Attribute name is too large, must be less than 65536 bytes",
                    INVALID + "Attribute name is too large, must be less than 65536 bytes"),
            pair(
                    "null in a set",
                    "ValidationException .*An string set may not have a null string as a member.*",
                    "ValidationException .*An string set may not have a empty string as a member.*"),
            pair(
                    "an attribute asked for twice",
                    "ValidationException Cannot have two attributes with the same name",
                    INVALID + "Duplicate value in attribute name: .*"),
            pair(
                    "a missing key attribute",
                    "ValidationException One of the required keys was not given a value",
                    INVALID + "Missing the key .* in the item"),
            pair(
                    "a key of the wrong number of attributes",
                    "ValidationException The number of conditions on the keys is invalid",
                    "ValidationException The provided key element does not match the schema"),
            pair(
                    "a legacy update of the wrong type",
                    INVALID + "(ADD action|DELETE action with value) is not supported for the type [A-Z]+",
                    INVALID + "(ADD action|DELETE action with value) is not supported for the type [A-Z]+"),
            pair(
                    "which paths overlap",
                    "ValidationException Invalid (Update|Projection)Expression: Two document paths overlap with each "
                            + "other.*",
                    "ValidationException Invalid (Update|Projection)Expression: Two document paths overlap with each "
                            + "other.*"),
            pair(
                    "a start key outside of a Query",
                    "ValidationException The provided starting key does not match the range key predicate",
                    "ValidationException The provided starting key is outside query boundaries based on provided "
                            + "conditions"),
            pair(
                    "Select of a Query",
                    "ValidationException (ALL_PROJECTED_ATTRIBUTES can be used|Must specify|Cannot specify).*",
                    "ValidationException 1 validation error detected: (ALL_PROJECTED_ATTRIBUTES can be used|"
                            + "Must specify|Cannot specify).*"),
            pair(
                    "ReturnValues that an operation does not have",
                    "ValidationException Return values set to invalid value",
                    "ValidationException ReturnValues can only be ALL_OLD or NONE"),
            pair(
                    "names of types",
                    "ValidationException .*Invalid attribute type name found; type: .*, valid types: .*",
                    "ValidationException .*Invalid attribute type name found; type: .*, valid types: .*"),
            pair(
                    "a binary bound of BETWEEN",
                    "ValidationException .*The BETWEEN operator requires .*HeapByteBuffer.*",
                    "ValidationException .*The BETWEEN operator requires .*\\{B:.*"),
            pair(
                    "a number as bound of BETWEEN",
                    "ValidationException .*The BETWEEN operator requires .*\\{N:.*",
                    "ValidationException .*The BETWEEN operator requires .*\\{N:.*"),
            pair(
                    "a start key of the wrong attributes",
                    "ValidationException (Exclusive Start Key must have same size as table's key schema|"
                            + "The provided starting key is invalid.*|The number of conditions on the keys is invalid)",
                    "ValidationException The provided starting key is invalid(: The provided key element does not match "
                            + "the schema)?"),
            pair(
                    "a value of a start key",
                    "ValidationException (A value provided cannot be converted into a number|DynamoDB only supports "
                            + "precision up to 38 digits|.*datatypes.*|Number .*flow.*|.*null AttributeValue.*)",
                    "ValidationException The provided starting key is invalid: .*"),
            pair(
                    "a key that is too long",
                    "ValidationException Hash primary key values must be under 2048 bytes, and range primary key values "
                            + "must be under 1024 bytes",
                    INVALID
                            + "(Size of hashkey has exceeded the maximum size limit of2048 bytes|Aggregated size of all "
                            + "range keys has exceeded the size limit of 1024 bytes)"),
            pair(
                    "an empty key of an index",
                    "ValidationException One or more parameter values are not valid\\. A value specified for a secondary "
                            + "index key is not supported\\. The AttributeValue for a key attribute cannot contain an "
                            + "empty (string|binary) value\\. IndexName: .*, IndexKey: .*",
                    "ValidationException One or more parameter values are not valid\\. The AttributeValue for a key "
                            + "attribute cannot contain an empty (string|binary) value\\. Key: .*"),
            pair(
                    "a missing table",
                    "ResourceNotFoundException Cannot do operations on a non-existent table",
                    "ResourceNotFoundException Requested resource not found.*"),
            pair(
                    "a table that exists",
                    "ResourceInUseException Cannot create preexisting table",
                    "ResourceInUseException Table already exists: .*"),
            pair(
                    "a name of a table",
                    "ValidationException (Invalid table/index name.*|Value null at 'tableName'.*)",
                    "ValidationException (TableName must be at least 3 characters long.*|The parameter 'TableName' is "
                            + "required.*)"),
            pair(
                    "capacity of a new table",
                    "ValidationException No provisioned throughput specified for the table",
                    INVALID + "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is "
                            + "PROVISIONED"),
            pair(
                    "attributes and keys of a new table",
                    "ValidationException The number of attributes in key schema must match the number of attributes "
                            + "defined in attribute definitions\\.",
                    INVALID + "Number of attributes in KeySchema does not exactly match number of attributes defined "
                            + "in AttributeDefinitions"),
            pair(
                    "a segment without a count of segments",
                    "ValidationException If (segment|total segments) is specified, .* must also be specified.*",
                    "ValidationException The (TotalSegments|Segment) parameter is required but was not present in the "
                            + "request when .*"),
            pair(
                    "a segment that is none of the segments",
                    "ValidationException 1 validation error detected: Value '.*' at 'segment' failed to satisfy "
                            + "constraint: Member must have value less than or equal to .*",
                    "ValidationException The Segment parameter is zero-based and must be less than parameter .*"),
            pair(
                    "an attribute defined twice",
                    "ValidationException Cannot have two attributes with the same name",
                    "ValidationException Attribute Name is duplicated: .*"),
            pair(
                    "an expression that is too long",
                    "ValidationException .*Expression size has exceeded the maximum allowed size;",
                    "ValidationException .*Expression size has exceeded the maximum allowed size; expression size: .*"),
            pair(
                    "where a syntax error is",
                    "ValidationException Invalid [A-Za-z]+: Syntax error; token: .*",
                    "ValidationException Invalid [A-Za-z]+: Syntax error; token: .*"),
            pair(
                    "redundant parentheses before a syntax error",
                    "ValidationException .*The expression has redundant parentheses;",
                    "ValidationException Invalid [A-Za-z]+: Syntax error; token: .*"),
            pair(
                    "which of several placeholders is not defined",
                    "ValidationException .*An expression attribute (name|value) used in .* is not defined; .*",
                    "ValidationException .*An expression attribute (name|value) used in .* is not defined; .*"),
            pair(
                    "a type for an index's key",
                    INVALID + "Type mismatch for Index Key",
                    INVALID + "Type mismatch for Index Key .*"),
            pair(
                    "an empty key of an index in an update",
                    "ValidationException .*The AttributeValue for a key attribute cannot contain an empty (string|binary) "
                            + "value.*",
                    "ValidationException One or more parameter values are not valid\\. The update expression attempted to "
                            + "update a secondary index key to a value that is not supported\\. .*"),
            pair(
                    "a path into a key that is changed",
                    INVALID + "Cannot update attribute .*\\. This attribute is part of the key",
                    "ValidationException Key attributes must be scalars; .*"),
            pair(
                    "a batch without requests",
                    "ValidationException The batch write request list for a table cannot be null or empty: .*",
                    "ValidationException \\d+ validation errors? detected: .*"),
            pair(
                    "a batch without keys",
                    "ValidationException The list of keys in RequestItems for BatchGetItem is required: .*",
                    "ValidationException \\d+ validation errors? detected: .*"),
            pair(
                    "a key of the wrong type",
                    "ValidationException Invalid attribute value type",
                    INVALID + "Type mismatch for key .*"),
            pair(
                    "a key of the wrong type in a batch",
                    INVALID + "Type mismatch for key",
                    "ValidationException The provided key element does not match the schema"),
            pair(
                    "null among the requests of a batch",
                    "ValidationException The batch write request list for a table cannot be null or empty",
                    "ValidationException Supplied AttributeValue has more than one datatypes set, must contain exactly one "
                            + "of the supported datatypes"),
            pair(
                    "an UpdateTable to what is already",
                    "ValidationException The requested throughput value equals the current value",
                    "ValidationException The provisioned throughput for the table will not change\\. .*"),
            pair(
                    "a Query without a condition on a key",
                    "ValidationException Query condition missed key schema element",
                    "ValidationException Query condition missed key schema element: .*"),
            pair(
                    "capacity of a table that begins to be provisioned",
                    "ValidationException No provisioned throughput specified for the table",
                    INVALID + "ProvisionedThroughput must be specified when BillingMode is PROVISIONED"),
            pair(
                    "a consistent read of a global index",
                    "ValidationException Consistent read cannot be true when (querying|scanning) a GSI",
                    "ValidationException Consistent reads are not supported on global secondary indexes"),
            pair(
                    "a local index with another hash key than the table's",
                    "ValidationException Local Secondary indices must have the same hash key as the main table",
                    INVALID + "Index KeySchema does not have the same leading hash key as table KeySchema .*"),
            pair(
                    "a local index of a table without a range key",
                    "ValidationException Local Secondary indices are not allowed on hash tables, only hash and range tables",
                    INVALID + "Table KeySchema does not have a range key, which is required .*"),
            pair(
                    "a table without a hash key",
                    "ValidationException No Hash Key specified in schema\\.  All Dynamo DB tables must have exactly one hash "
                            + "key",
                    "ValidationException Invalid KeySchema: The first KeySchemaElement is not a HASH key type"),
            pair(
                    "an attribute projected twice",
                    "ValidationException Cannot have two attributes with the same name",
                    INVALID + "Duplicate element in NonKeyAttributes: .*"),
            pair(
                    "two indexes of one name",
                    "ValidationException .*(Two|two|[Dd]uplicate).*(index|ind).*",
                    INVALID + "Duplicate index name: .*"),
            pair(
                    "an index without a projection",
                    "ValidationException Indexes must have a projection specified",
                    INVALID + "Unknown ProjectionType: null"),
            pair(
                    "two hash keys",
                    "ValidationException Too many hash keys specified\\.  All Dynamo DB tables must have exactly one hash key",
                    "ValidationException (Both the Hash Key and the Range Key element in the KeySchema have the same name|"
                            + "Invalid KeySchema: .*)"),
            pair(
                    "a key without one of its attributes",
                    "ValidationException One of the required keys was not given a value",
                    "ValidationException The provided key element does not match the schema"),
            pair(
                    "too many local indexes",
                    "ValidationException Cannot have more than 5 local secondary indexes per table",
                    INVALID + "Number of LocalSecondaryIndexes exceeds per-table limit of 5"),
            pair(
                    "attributes to project",
                    "ValidationException (No attributes should be specified to be projected unless projection type is "
                            + "INCLUDE|If Projection type INCLUDE is specified, some non-key attributes .*)",
                    INVALID + "ProjectionType is (ALL|KEYS_ONLY|INCLUDE), but NonKeyAttributes is .*"),
            pair(
                    "keys of a new table that are not defined",
                    "ValidationException (Hash|Range) Key not specified in Attribute Definitions\\.  Type unknown\\.",
                    "ValidationException .*Some index key attribute.*"),
            pair(
                    "an UpdateTable of nothing",
                    "ValidationException Nothing to update",
                    "ValidationException At least one of ProvisionedThroughput, .* is required"),
            pair(
                    "an index's key of the wrong type",
                    "ValidationException (Invalid attribute value type|Updates on index keys must be of the same data "
                            + "type as the key attribute)",
                    "ValidationException (The update expression attempted to update the secondary index key to "
                            + "unsupported type|.*Type mismatch for Index Key.*)"));

    private KnownTexts() {}

    private static Pair pair(String name, String local, String service) {
        return new Pair(name, Pattern.compile(local, Pattern.DOTALL), Pattern.compile(service, Pattern.DOTALL));
    }

    private static String text(Answer answer) {
        return answer.error() + " " + answer.message();
    }

    /** Whether both say the same, be it in other words. */
    static boolean same(Answer ofLocal, Answer ofHenge) {
        return ofLocal.canonical().equals(ofHenge.canonical())
                || ALL.stream().anyMatch(pair -> pair.matches(ofLocal, ofHenge));
    }
}
