'use strict';
// Takes the input of publish:github:pull-request, and pushes a branch with the commit that would be the pull request.

const { createBackendModule } = require('@backstage/backend-plugin-api');
const { createTemplateAction, scaffolderActionsExtensionPoint } = require('@backstage/plugin-scaffolder-node');
const { execFile } = require('node:child_process');
const { cp, rm } = require('node:fs/promises');
const { join } = require('node:path');
const { promisify } = require('node:util');

const run = promisify(execFile);

const publish = createTemplateAction({
  id: 'test:git:pull-request',
  description: 'Pushes a branch with the workspace.',
  supportsDryRun: true,
  schema: {
    input: {
      repoUrl: z => z.string(),
      branchName: z => z.string(),
      title: z => z.string(),
      description: z => z.string(),
      filesToDelete: z => z.array(z.string()).optional(),
    },
    output: { remoteUrl: z => z.string() },
  },
  async handler(ctx) {
    const { branchName, title, description, filesToDelete = [] } = ctx.input;
    const remote = process.env.TEST_GIT_REMOTE;
    ctx.output('remoteUrl', `${remote}#${branchName}`);
    if (ctx.isDryRun) {
      return;
    }
    const clone = await ctx.createTemporaryDirectory();
    const git = (...args) => run('git', ['-c', 'user.name=Backstage', '-c', 'user.email=backstage@example.com', ...args], { cwd: clone });
    await git('clone', '--quiet', remote, '.');
    await git('switch', '--quiet', '--create', branchName);
    await cp(ctx.workspacePath, clone, { recursive: true });
    for (const file of filesToDelete) {
      await rm(join(clone, file)); // As on GitHub, a file that is not there is a mistake.
    }
    await git('add', '--all');
    await git('commit', '--quiet', '--message', title, '--message', description);
    await git('push', '--quiet', 'origin', branchName);
  },
});

module.exports = {
  default: createBackendModule({
    pluginId: 'scaffolder',
    moduleId: 'test-pull-request',
    register(reg) {
      reg.registerInit({
        deps: { actions: scaffolderActionsExtensionPoint },
        async init({ actions }) {
          actions.addActions(publish);
        },
      });
    },
  }),
};
