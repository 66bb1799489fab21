package sinks

import "encoding/json"

// The objects of OCSF 1.3 that an API Activity event is made of, by their names there.
type (
	apiActivity struct {
		ActivityID   int                        `json:"activity_id"`
		ActivityName string                     `json:"activity_name"`
		CategoryUID  int                        `json:"category_uid"`
		CategoryName string                     `json:"category_name"`
		ClassUID     int                        `json:"class_uid"`
		ClassName    string                     `json:"class_name"`
		TypeUID      int                        `json:"type_uid"`
		TypeName     string                     `json:"type_name"`
		SeverityID   int                        `json:"severity_id"`
		Severity     string                     `json:"severity"`
		Time         int64                      `json:"time"` // milliseconds since 1970
		StatusID     int                        `json:"status_id"`
		Status       string                     `json:"status"`
		StatusCode   string                     `json:"status_code,omitempty"`
		StatusDetail string                     `json:"status_detail,omitempty"`
		Metadata     metadata                   `json:"metadata"`
		Cloud        cloud                      `json:"cloud"`
		API          api                        `json:"api"`
		Actor        actor                      `json:"actor"`
		Source       endpoint                   `json:"src_endpoint"`
		HTTP         *httpRequest               `json:"http_request,omitempty"`
		Resources    []ocsfResource             `json:"resources,omitempty"`
		Unmapped     map[string]json.RawMessage `json:"unmapped,omitempty"`
	}
	metadata struct {
		Version        string   `json:"version"`
		UID            string   `json:"uid,omitempty"`
		CorrelationUID string   `json:"correlation_uid,omitempty"`
		EventCode      string   `json:"event_code,omitempty"`
		LogProvider    string   `json:"log_provider"`
		OriginalTime   string   `json:"original_time,omitempty"`
		Profiles       []string `json:"profiles"`
		Product        product  `json:"product"`
	}
	product struct {
		Name       string  `json:"name"`
		VendorName string  `json:"vendor_name"`
		Version    string  `json:"version,omitempty"`
		Feature    feature `json:"feature"`
	}
	feature struct {
		Name string `json:"name"`
	}
	cloud struct {
		Provider string   `json:"provider"`
		Region   string   `json:"region,omitempty"`
		Account  *account `json:"account,omitempty"`
	}
	account struct {
		UID    string `json:"uid"`
		TypeID int    `json:"type_id"`
		Type   string `json:"type"`
	}
	api struct {
		Operation string    `json:"operation"`
		Version   string    `json:"version,omitempty"`
		Service   service   `json:"service"`
		Request   request   `json:"request"`
		Response  *response `json:"response,omitempty"`
	}
	service struct {
		Name string `json:"name"`
	}
	request struct {
		UID  string          `json:"uid"`
		Data json.RawMessage `json:"data,omitempty"`
	}
	response struct {
		Error        string          `json:"error,omitempty"`
		ErrorMessage string          `json:"error_message,omitempty"`
		Data         json.RawMessage `json:"data,omitempty"`
	}
	actor struct {
		User      *user    `json:"user,omitempty"`
		Session   *session `json:"session,omitempty"`
		IDP       *idp     `json:"idp,omitempty"`
		InvokedBy string   `json:"invoked_by,omitempty"`
	}
	user struct {
		Type          string   `json:"type,omitempty"`
		TypeID        int      `json:"type_id"`
		Name          string   `json:"name,omitempty"`
		UID           string   `json:"uid,omitempty"`
		UIDAlt        string   `json:"uid_alt,omitempty"`
		CredentialUID string   `json:"credential_uid,omitempty"`
		Account       *account `json:"account,omitempty"`
	}
	session struct {
		CreatedTime int64  `json:"created_time,omitempty"` // milliseconds since 1970
		IsMFA       bool   `json:"is_mfa"`
		Issuer      string `json:"issuer,omitempty"`
	}
	idp struct {
		Name string `json:"name"`
	}
	endpoint struct {
		IP      string `json:"ip,omitempty"`
		Service string `json:"svc_name,omitempty"`
	}
	httpRequest struct {
		UserAgent string `json:"user_agent"`
	}
	ocsfResource struct {
		UID   string `json:"uid,omitempty"`
		Type  string `json:"type,omitempty"`
		Owner *owner `json:"owner,omitempty"`
	}
	owner struct {
		Account *account `json:"account,omitempty"`
	}
)
