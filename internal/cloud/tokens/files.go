package tokens

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// described is an identity as people write it.
type described struct {
	Type            string          `json:"type"` // IAMUser, Root or AssumedRole
	ARN             string          `json:"arn"`
	UserName        string          `json:"userName"`
	AccountID       string          `json:"accountId"`
	SecretAccessKey string          `json:"secretAccessKey"`
	UserIdentity    json.RawMessage `json:"userIdentity"` // verbatim, for the types that are not above
}

// ReadIdentities reads who is behind which access key:
//
//	{"AKIA…": {"userName": "alice", "accountId": "111122223333", "secretAccessKey": "…"},
//	 "ASIA…": {"arn": "arn:aws:sts::111122223333:assumed-role/Auditor/nightly"}}
//
// What the ARN says need not be said again, and the account of an identity that
// names none is account. All problems of the file are in the error.
func ReadIdentities(data []byte, account string) ([]Identity, error) {
	var file map[string]json.RawMessage
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, err
	}
	var all []Identity
	var errs []error
	for _, key := range slices.Sorted(maps.Keys(file)) {
		id, err := readIdentity(key, file[key], account)
		if err != nil {
			errs = append(errs, fmt.Errorf("access key %q: %w", key, err))
			continue
		}
		all = append(all, id)
	}
	return all, errors.Join(errs...)
}

func readIdentity(key string, data []byte, account string) (Identity, error) {
	var d described
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		return Identity{}, err
	}
	id := Identity{AccessKeyID: key, SecretAccessKey: d.SecretAccessKey, UserIdentity: d.UserIdentity}
	if err := d.complete(account); err != nil {
		return id, err
	}
	id.ARN, id.AccountID = d.ARN, d.AccountID
	d.identify(&id)
	return id, nil
}

// complete fills in what other fields say.
func (d *described) complete(account string) error {
	parts := strings.SplitN(d.ARN, ":", 6)
	isARN := len(parts) == 6 && parts[0] == "arn"
	switch {
	case d.ARN != "" && !isARN:
		return fmt.Errorf("%q is not an ARN", d.ARN)
	case isARN && d.AccountID != "" && d.AccountID != parts[4]:
		return fmt.Errorf("account %q is not that of %q", d.AccountID, d.ARN)
	case isARN:
		d.AccountID = parts[4]
		d.Type = cmp.Or(d.Type, typeOf(parts[5]))
	}
	d.AccountID, d.Type = cmp.Or(d.AccountID, account), cmp.Or(d.Type, "IAMUser")
	if !regexp.MustCompile(`^\d{12}$`).MatchString(d.AccountID) {
		return fmt.Errorf("account %q has not 12 digits", d.AccountID)
	}
	switch {
	case d.ARN != "":
	case d.Type == "Root":
		d.ARN = "arn:aws:iam::" + d.AccountID + ":root"
	case d.Type == "IAMUser" && d.UserName != "":
		d.ARN = "arn:aws:iam::" + d.AccountID + ":user/" + d.UserName
	default:
		return fmt.Errorf("the %s has no arn", d.Type)
	}
	return d.check()
}

// check holds that the type is one that can be described without userIdentity.
func (d *described) check() error {
	resource := strings.SplitN(d.ARN, ":", 6)[5]
	switch {
	case d.UserIdentity != nil:
		return nil
	case !slices.Contains([]string{"IAMUser", "Root", "AssumedRole"}, d.Type):
		return fmt.Errorf("type %q needs its userIdentity", d.Type)
	case d.Type != typeOf(resource), d.Type == "AssumedRole" && strings.Count(resource, "/") != 2:
		return fmt.Errorf("%q is not the ARN of an %s", d.ARN, d.Type)
	}
	return nil
}

// typeOf gives the type of identity by the resource of its ARN.
func typeOf(resource string) string {
	switch kind, _, _ := strings.Cut(resource, "/"); kind {
	case "root":
		return "Root"
	case "assumed-role":
		return "AssumedRole"
	case "user":
		return "IAMUser"
	}
	return ""
}

// identify gives an identity its unique ID, and its userIdentity where there is none.
func (d *described) identify(id *Identity) {
	switch d.Type {
	case "Root":
		id.UserID = d.AccountID
		if id.UserIdentity == nil {
			id.UserIdentity = identityElement{Type: "Root", PrincipalID: id.UserID, ARN: id.ARN, AccountID: id.AccountID, AccessKeyID: id.AccessKeyID}.encode()
		}
	case "AssumedRole":
		parts := strings.Split(d.ARN, "/")
		role := "arn:aws:iam::" + d.AccountID + ":role/" + parts[1]
		id.UserID = uniqueID("AROA", role) + ":" + parts[2]
		if id.UserIdentity == nil {
			id.UserIdentity = roleElement(*id, role)
		}
	default:
		id.UserID = uniqueID("AIDA", d.ARN)
	}
}

// ReadCredentials reads access keys with their secrets from a shared
// credentials file of AWS. A key that known does not describe is an IAM user of
// the account, named as its profile. Source: AWS SDKs and Tools Reference Guide,
// "Shared config and credentials files".
func ReadCredentials(data []byte, account string, known []Identity) ([]Identity, error) {
	all := slices.Clone(known)
	var errs []error
	for _, p := range profiles(string(data)) {
		key, secret := p.settings["aws_access_key_id"], p.settings["aws_secret_access_key"]
		if key == "" || secret == "" {
			errs = append(errs, fmt.Errorf("profile %q has no aws_access_key_id or no aws_secret_access_key", p.name))
			continue
		}
		i := slices.IndexFunc(all, func(id Identity) bool { return id.AccessKeyID == key })
		if i < 0 {
			arn := "arn:aws:iam::" + account + ":user/" + p.name
			all = append(all, Identity{AccessKeyID: key, AccountID: account, ARN: arn, UserID: uniqueID("AIDA", arn)})
			i = len(all) - 1
		}
		all[i].SecretAccessKey, all[i].SessionToken = secret, p.settings["aws_session_token"]
	}
	if len(errs) == 0 && len(all) == len(known) && len(known) == 0 {
		errs = append(errs, errors.New("no profile in it"))
	}
	return all, errors.Join(errs...)
}

type profile struct {
	name     string
	settings map[string]string
}

// profiles are the sections of a file: [name], and name = value below it.
func profiles(text string) []profile {
	var all []profile
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch name, value, isSetting := strings.Cut(line, "="); {
		case line == "" || line[0] == '#' || line[0] == ';':
		case line[0] == '[':
			all = append(all, profile{strings.TrimSpace(strings.Trim(line, "[]")), map[string]string{}})
		case isSetting && len(all) > 0:
			all[len(all)-1].settings[strings.ToLower(strings.TrimSpace(name))] = strings.TrimSpace(value)
		}
	}
	return all
}
