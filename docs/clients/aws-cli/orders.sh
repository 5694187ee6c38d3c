#!/usr/bin/env bash
# An order book with the AWS CLI, version 1 or 2: with its waiters, its paginators and its --query.
#
# Reads AWS_ENDPOINT_URL_DYNAMODB, and credentials and region as the CLI does; AWS_CLI names another `aws` to run.
set -euo pipefail

version=$("${AWS_CLI:-aws}" --version 2>&1 | sed -E 's|^aws-cli/([0-9]+).*|\1|')
table=Orders-aws-cli-v$version

dynamodb() {
  # Version 2 would page through what it prints, and ask.
  AWS_PAGER='' "${AWS_CLI:-aws}" dynamodb --endpoint-url "$AWS_ENDPOINT_URL_DYNAMODB" "$@"
}

expect() {
  if [[ $2 != "$1" ]]; then
    echo "expected: $1" >&2
    echo "but was:  $2" >&2
    exit 1
  fi
}

created=$(dynamodb create-table --table-name "$table" \
  --attribute-definitions AttributeName=customer,AttributeType=S AttributeName=placed,AttributeType=S \
  AttributeName=total,AttributeType=N AttributeName=status,AttributeType=S \
  --key-schema AttributeName=customer,KeyType=HASH AttributeName=placed,KeyType=RANGE \
  --local-secondary-indexes \
  'IndexName=by-total,KeySchema=[{AttributeName=customer,KeyType=HASH},{AttributeName=total,KeyType=RANGE}],Projection={ProjectionType=ALL}' \
  --global-secondary-indexes \
  'IndexName=by-status,KeySchema=[{AttributeName=status,KeyType=HASH},{AttributeName=placed,KeyType=RANGE}],Projection={ProjectionType=KEYS_ONLY}' \
  --billing-mode PAY_PER_REQUEST --tags Key=team,Value=stones --query TableDescription.TableName --output text)
expect "$table" "$created"
dynamodb wait table-exists --table-name "$table"
expect ACTIVE "$(dynamodb describe-table --table-name "$table" --query Table.TableStatus --output text)"
expect "$table" "$(dynamodb list-tables --query "TableNames[?@=='$table'] | [0]" --output text)"
arn=$(dynamodb describe-table --table-name "$table" --query Table.TableArn --output text)
expect stones "$(dynamodb list-tags-of-resource --resource-arn "$arn" --query 'Tags[0].Value' --output text)"

# Twenty orders, as a file of one batch: the CLI's JSON is the API's.
batch=$(mktemp)
trap 'rm -f "$batch"' EXIT
{
  printf '{"%s": [' "$table"
  for day in $(seq 1 20); do
    ((day == 1)) || printf ','
    printf '{"PutRequest": {"Item": {"customer": {"S": "jane"}, "placed": {"S": "2026-11-%02d"}, "status": {"S": "open"}, "total": {"N": "%d"}}}}' \
      "$day" $((100 - day))
  done
  printf ']}'
} >"$batch"
expect 0 "$(dynamodb batch-write-item --request-items "file://$batch" --query 'length(keys(UnprocessedItems))' --output text)"

third='{"customer": {"S": "jane"}, "placed": {"S": "2026-11-03"}}'
expect 97 "$(dynamodb get-item --table-name "$table" --key "$third" --consistent-read --query Item.total.N --output text)"
expect 1.0 "$(dynamodb get-item --table-name "$table" --key "$third" --consistent-read \
  --return-consumed-capacity TOTAL --query ConsumedCapacity.CapacityUnits --output text)"

if refused=$(dynamodb put-item --table-name "$table" --item "$third" \
  --condition-expression 'attribute_not_exists(customer)' 2>&1); then
  echo "an order was put over another" >&2
  exit 1
fi
[[ $refused == *"(ConditionalCheckFailedException)"*"The conditional request failed"* ]] || expect "a failed condition" "$refused"

shipped=$(dynamodb update-item --table-name "$table" --key "$third" \
  --update-expression 'SET #status = :shipped ADD parcels :one' \
  --expression-attribute-names '{"#status": "status"}' \
  --expression-attribute-values '{":shipped": {"S": "shipped"}, ":one": {"N": "1"}}' \
  --return-values ALL_NEW --query 'Attributes.[status.S, parcels.N, total.N]' --output text)
expect $'shipped\t1\t97' "$shipped"

# The CLI fetches page after page by itself; --page-size says how large they are. As text it would print each page's
# answer, as JSON it prints that of all.
of_jane=(--table-name "$table" --key-condition-expression 'customer = :c' --consistent-read
  --expression-attribute-values '{":c": {"S": "jane"}}')
expect 20 "$(dynamodb query "${of_jane[@]}" --page-size 6 --query 'length(Items)' --output json)"
expect 2026-11-20 "$(dynamodb query "${of_jane[@]}" --no-scan-index-forward --max-items 1 --output json \
  --query 'Items[0].placed.S' | tr -d '"')"
token=$(dynamodb query "${of_jane[@]}" --page-size 4 --max-items 7 --query NextToken --output json | tr -d '"')
expect 13 "$(dynamodb query "${of_jane[@]}" --starting-token "$token" --query 'length(Items)' --output json)"
expect $'80\t81' "$(dynamodb query --table-name "$table" --index-name by-total --consistent-read \
  --key-condition-expression 'customer = :c AND #total < :total' --expression-attribute-names '{"#total": "total"}' \
  --expression-attribute-values '{":c": {"S": "jane"}, ":total": {"N": "82"}}' \
  --query 'Items[].total.N' --output text)"
expect 2 "$(dynamodb scan --table-name "$table" --consistent-read --page-size 3 --filter-expression '#total > :total' \
  --expression-attribute-names '{"#total": "total"}' --expression-attribute-values '{":total": {"N": "97"}}' \
  --query 'length(Items)' --output json)"

# A global index follows its table: what was just written may take a moment to be seen there.
for attempt in $(seq 1 30); do
  found=$(dynamodb query --table-name "$table" --index-name by-status \
    --key-condition-expression '#status = :shipped' --expression-attribute-names '{"#status": "status"}' \
    --expression-attribute-values '{":shipped": {"S": "shipped"}}' --query 'Items[].placed.S' --output text)
  [[ $found != 2026-11-03 ]] || break
  ((attempt < 30)) || expect 2026-11-03 "$found"
  sleep 1
done

expect shipped "$(dynamodb delete-item --table-name "$table" --key "$third" --return-values ALL_OLD \
  --query Attributes.status.S --output text)"
expect None "$(dynamodb get-item --table-name "$table" --key "$third" --consistent-read --query Item --output text)"
expect 19 "$(dynamodb scan --table-name "$table" --consistent-read --select COUNT --query Count --output json)"

expect DELETING "$(dynamodb delete-table --table-name "$table" --query TableDescription.TableStatus --output text)"
dynamodb wait table-not-exists --table-name "$table"
echo "done"
