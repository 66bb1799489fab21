// Package operations names the operation that a request to any service of AWS
// calls: by its target (JSON protocols), its action (query), its method and
// path (REST), or /service/X/operation/Y (RPC v2 CBOR).
//
// The table is generated from the service models that AWS publishes, and from
// its Service Authorization Reference. What they do not say is not guessed.
package operations

//go:generate go run ./gen -data $BOTOCORE_DATA -reference $SERVICE_REFERENCE -out table.zst
