# Targets for people: run test check fuzz bench golden build release deploy clean.
# build-<LogicalId> is what `sam build` runs for each function (BuildMethod:
# makefile), with ARTIFACTS_DIR set.

comma    := ,
GOARCH   ?= arm64
FUZZTIME ?= 30s
BENCHCOUNT ?= 6
BUILD    := dist
TEMPLATE := template.yaml

# Parquet doubles the logparser: `PARQUET=1 sam build` puts it in.
TAGS     := lambda.norpc$(if $(PARQUET),,$(comma)noparquet)

# Same source, same bytes: no paths, no version control stamp, no build id.
bootstrap = CGO_ENABLED=0 GOOS=linux GOARCH=$(1) go build -tags $(TAGS) -trimpath \
	-buildvcs=false -ldflags="-s -w -buildid=" -o "$(2)/bootstrap" ./functions/$(3)

.PHONY: run test check fuzz bench golden build release deploy clean \
	build-Reconciler build-Logparser build-Detector

run:
	go run ./cmd/trailhand demo

test:
	go test ./...

check:
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "gofmt would change these files"; exit 1; }
	go vet ./...
	go test -race ./...
	@if command -v staticcheck >/dev/null; then staticcheck ./...; else echo "staticcheck is not installed: skipped"; fi
	@if command -v cfn-lint >/dev/null; then cfn-lint -i I -t $(TEMPLATE) examples/regions.yaml; else echo "cfn-lint is not installed: skipped"; fi

# Each fuzz test for FUZZTIME. Go 1.26 now and then fails at its end with "context
# deadline exceeded" and no finding (https://go.dev/issue/75804). A finding is
# written to testdata, so that the test fails without fuzzing too: that decides.
fuzz:
	@grep -roE --exclude-dir=.aws-sam --include='*_test.go' '^func Fuzz\w+' . | sed 's/:func / /' | sort | while read -r file name; do \
		echo "$$name in $$(dirname "$$file")"; \
		go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 100x "$$(dirname "$$file")" || \
			go test -count 1 -run "^$$name\$$" "$$(dirname "$$file")" || exit 1; \
	done

# The reader's figures first, as docs/performance.md explains them: benchstat
# reads the output.
bench:
	TRAILHAND_BENCH_RECORDS=200000 go test -run '^$$' -bench . -count $(BENCHCOUNT) -timeout 30m ./pkg/events
	go test -run '^$$' -bench . -p 1 $$(go list ./... | grep -v 'pkg/events$$')

# Rewrites the golden files of every package whose tests have -update.
golden:
	go test $$(grep -rl --exclude-dir=.aws-sam --include='*_test.go' 'flag.Bool("update"' . | xargs -n1 dirname | sort -u) -update

# All functions for both architectures: dist/<arch>/<function>/bootstrap
build:
	@for arch in arm64 amd64; do for function in reconciler logparser detector; do \
		echo "$(BUILD)/$$arch/$$function/bootstrap"; \
		$(call bootstrap,$$arch,$(BUILD)/$$arch/$$function,$$function) || exit 1; \
	done; done

# What a release holds, in dist/release: the command for each platform, the
# functions, of each binary what it is made of (CycloneDX, and the text of
# go version -m), and checksums.
PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64

release: build
	rm -rf $(BUILD)/release && mkdir -p $(BUILD)/release
	@for platform in $(PLATFORMS); do os=$${platform%/*}; arch=$${platform#*/}; name=trailhand_$${os}_$$arch; \
		binary=$(BUILD)/release/$$name; test $$os != windows || binary=$$binary.exe; echo "$$binary"; \
		CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch go build -trimpath -ldflags="-s -w -buildid=" -o $$binary ./cmd/trailhand || exit 1; \
		go version -m $$binary | sed '1s/.*/'$$name'/' >$(BUILD)/release/$$name.version.txt || exit 1; \
	done
	@for arch in arm64 amd64; do for function in reconciler logparser detector; do name=$${function}_$$arch; \
		cp $(BUILD)/$$arch/$$function/bootstrap $(BUILD)/release/$$name.bootstrap || exit 1; \
		go version -m $(BUILD)/release/$$name.bootstrap | sed '1s/.*/'$$name'/' >$(BUILD)/release/$$name.version.txt || exit 1; \
	done; done
	go run ./internal/sbom $$(find $(BUILD)/release -type f ! -name '*.txt')
	cd $(BUILD)/release && sha256sum * >SHA256SUMS

build-Reconciler:
	$(call bootstrap,$(GOARCH),$(ARTIFACTS_DIR),reconciler)
	cp examples/desired.yaml "$(ARTIFACTS_DIR)/desired.yaml"

build-Logparser:
	$(call bootstrap,$(GOARCH),$(ARTIFACTS_DIR),logparser)

build-Detector:
	$(call bootstrap,$(GOARCH),$(ARTIFACTS_DIR),detector)

# The first time, `sam deploy --guided` asks for every parameter.
deploy:
	sam build
	sam deploy

clean:
	rm -rf $(BUILD) .aws-sam
