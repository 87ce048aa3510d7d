# Everything a developer of Plumbline runs. Each target is in `make help`, or that
# is a bug.

# The race detector needs a C compiler; all else needs Go, make and git alone.
RACE := $(if $(shell command -v cc),-race,)
CONTROLPLANE := .cache/bin/controlplane
GITOPS := .cache/bin/gitops
NAME ?= demo

.DEFAULT_GOAL := help
.PHONY: help
help: ## Show this list.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-18s %s\n", $$1, $$2}'

##@ See it work

# BACKSTAGE=1 runs a Git server, a GitOps engine and a Backstage too. The first run
# installs Backstage from npm, which takes minutes. WITHOUT=kong,dns leaves neighbours
# out, of cert-manager, dns and kong.
.PHONY: demo
demo: $(CONTROLPLANE) $(if $(BACKSTAGE),$(GITOPS)) ## Start a control plane and take the claims of examples/ to Ready; with BACKSTAGE=1 one from a form to the catalog.
	@$(if $(BACKSTAGE),test/backstage/install.sh page)
	@$(CONTROLPLANE) demo --name $(NAME) $(if $(BACKSTAGE),--backstage) $(if $(WITHOUT),--without $(WITHOUT))

.PHONY: demo-show
demo-show: $(CONTROLPLANE) ## Show what became of the claims of the demo.
	@$(CONTROLPLANE) show --name $(NAME)

.PHONY: demo-down
demo-down: $(CONTROLPLANE) ## Stop the demo.
	@$(CONTROLPLANE) down --name $(NAME)

.PHONY: render
render: ## Show what a claim becomes, without a control plane: make render EXAMPLE=production.
	@go run ./cmd/plumbline render -f examples/$(or $(EXAMPLE),minimal)/claim.yaml --blueprint examples/blueprint.yaml

##@ Change it

.PHONY: generate
generate: ## Write generated code, CRDs, the XRD and the claim's reference anew.
	go generate ./apis

.PHONY: golden
golden: ## Write the golden files anew from what the function returns; read the diff.
	go test ./functions/rehearsal -update

# A cache of its own: what the linter found in another checkout of the same code it
# reports by that checkout's paths, which no exception of .golangci.yml knows.
.PHONY: lint
lint: ## Lint all Go code of the main module.
	cd test/tools/lint && go build -o ../../../.cache/bin/golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	GOLANGCI_LINT_CACHE=$(CURDIR)/.cache/golangci-lint .cache/bin/golangci-lint run

.PHONY: check-generated
check-generated: generate ## Fail if generated code is not what `make generate` writes.
	git diff --exit-code -- apis package docs examples/backstage

##@ Test it

.PHONY: test
test: test-unit test-controlplane test-gitops test-conformance test-monitoring test-health test-engine ## Run every test. The first run builds a control plane, which takes minutes.

.PHONY: test-unit
test-unit: ## Run the tests that need nothing but Go.
	go test $(RACE) -shuffle=on $$(go list ./... | grep -v -e /test/controlplane -e /test/provider -e /test/e2e -e /test/gitops -e /test/backstage)

# One package at a time: two control planes at once would only be slower.
.PHONY: test-controlplane
test-controlplane: build ## Run the tests that need a control plane.
	go test $(RACE) -count=1 -p 1 -timeout 40m ./test/controlplane/... ./test/provider/... ./test/e2e/...

.PHONY: test-gitops
test-gitops: build $(GITOPS) ## Commit to a Git repository that Argo CD's engine follows. FOLDERS=100 measures that many in one commit.
	go test $(RACE) -count=1 -timeout 40m ./test/gitops -args -folders $(or $(FOLDERS),20)

.PHONY: test-conformance
test-conformance: ## Drive the stand-ins with the official client libraries, and show the output to Kubernetes' own validation.
	cd test/conformance/elasticsearch && go test ./...
	cd test/conformance/graph && go test ./...
	cd test/conformance/kubernetes && go test ./...

.PHONY: benchmark-observation
benchmark-observation: ## Count what observing 100, 1,000 and 10,000 resources costs, one by one and by sweeps. Takes minutes.
	go run ./provider/internal/observe/benchmark

# A run that is interrupted prints what it knows, and goes on with the same command.
.PHONY: bench-scale
bench-scale: $(CONTROLPLANE) ## Measure N (100) claims on control planes of their own, against the bare engine; ARGS='--stages waves,drift' names stages.
	@$(CONTROLPLANE) scale --name scale --claims $(or $(N),100) $(ARGS)

# N names numbers of managed resources, ENVIRONMENTS numbers of environments.
.PHONY: bench-provider
bench-provider: $(CONTROLPLANE) ## Measure the whole provider with N (100,1000) resources and those of ENVIRONMENTS (1000). Takes half an hour; N=10000 an hour.
	@$(CONTROLPLANE) provider --name provider --resources $(or $(N),100,1000) --environments $(or $(ENVIRONMENTS),1000) $(ARGS)

.PHONY: bench-function
bench-function: ## Measure a call of the function against an echo and a handwritten one. Takes minutes; ROUNDS=5.
	CGO_ENABLED=0 go build -trimpath -o .cache/bin/function-service-environment ./functions/serviceenvironment
	go build -o .cache/bin/benchmark-function ./functions/expand/benchmark
	.cache/bin/benchmark-function -function .cache/bin/function-service-environment -rounds $(or $(ROUNDS),5)

.PHONY: capture
capture: $(CONTROLPLANE) ## Record what Crossplane asks the function of the production example, on a control plane of its own.
	@$(CONTROLPLANE) up --name capture
	@$(CONTROLPLANE) capture --name capture; captured=$$?; $(CONTROLPLANE) down --name capture; exit $$captured

.PHONY: test-monitoring
test-monitoring: ## Read the alerts and the dashboard as Prometheus does, and fire each alert.
	cd test/monitoring && go test ./...

.PHONY: test-health
test-health: ## Show claims in trouble to Argo CD and Flux as they judge health; none is healthy.
	cd test/health && go test ./...

# What the stand-in is held to. Without Java and Maven it says so and does nothing.
.PHONY: test-engine
test-engine: ## Run the tests of indices and data streams with real nodes of Elasticsearch and OpenSearch.
	go run ./test/engine/cmd/engine elasticsearch go test -count=1 -p 1 ./provider/internal/clients/elasticsearch ./provider/internal/controller/index
	go run ./test/engine/cmd/engine opensearch go test -count=1 -run 'DataStream|OpenSearch' ./provider/internal/clients/elasticsearch

# Not part of "make test": the first run installs Backstage from npm, which takes minutes.
# With -v the test names what did not run, and shows how far it has come.
.PHONY: test-backstage
test-backstage: build $(GITOPS) ## Run templates and catalog through a real Backstage, which needs Node and npm; PLUGINS=1 adds those that read claims, PAGE=1 the page and a Chromium.
	test/backstage/install.sh $(if $(PLUGINS),plugins) $(if $(PAGE),page)
	go test -v -count=1 -timeout 20m ./test/backstage

.PHONY: fuzz
fuzz: ## Fuzz each target for FUZZTIME (10s).
	@for m in . test/conformance/kubernetes; do (cd $$m && go list ./... | while read -r p; do \
		for f in $$(go test -list '^Fuzz' $$p | grep '^Fuzz'); do \
			go test -run '^$$' -fuzz "^$$f$$" -fuzztime $(or $(FUZZTIME),10s) $$p || exit 1; \
		done; \
	done) || exit 1; done

##@ Ship it

.PHONY: packages
packages: ## Build the Crossplane packages into _output/packages.
	go run ./cmd/packages

##@ Build it

.PHONY: build
build: $(CONTROLPLANE) ## Build the programs of the local control plane into .cache/bin.
	@$(CONTROLPLANE) build

# The go command knows what changed better than make does.
.PHONY: $(CONTROLPLANE)
$(CONTROLPLANE):
	@go build -o $@ ./cmd/controlplane

# Only those who follow a Git repository need it.
.PHONY: $(GITOPS)
$(GITOPS):
	@cd test/binaries/gitops && CGO_ENABLED=0 go build -trimpath -o $(CURDIR)/$@ .

.PHONY: clean
clean: demo-down ## Stop the demo and remove everything that was built.
	rm -rf .cache _output
