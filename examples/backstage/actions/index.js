'use strict';
// Two actions for Backstage's scaffolder. Add them to a backend with
//   backend.add(require('plumbline-scaffolder-actions'));

const { createBackendModule, resolveSafeChildPath } = require('@backstage/backend-plugin-api');
const { createTemplateAction, scaffolderActionsExtensionPoint } = require('@backstage/plugin-scaffolder-node');
const { readFile, writeFile } = require('node:fs/promises');
const { edit } = require('./edit');

const editClaim = createTemplateAction({
  id: 'plumbline:claim:edit',
  description: 'Changes what was answered in the claim of an environment, and leaves everything else in the file as it is.',
  supportsDryRun: true, // It changes the workspace alone.
  schema: {
    input: {
      path: z => z.string({ description: 'The file of the claim in the workspace' }),
      answers: z => z.record(z.any(), { description: 'Fields of the spec; what is empty stays as it is, and a list stands for the whole of it' }),
      except: z => z.array(z.string(), { description: 'Answers that are no fields of the spec' }).optional(),
      leaveOut: z => z.array(z.string(), { description: 'Fields that the claim shall no longer have' }).optional(),
    },
  },
  async handler(ctx) {
    const file = resolveSafeChildPath(ctx.workspacePath, ctx.input.path);
    const { text, changed } = edit(await readFile(file, 'utf8'), ctx.input);
    if (changed.length === 0) {
      throw new Error('nothing was answered that the claim does not say already');
    }
    ctx.logger.info(`changed ${changed.join(', ')}`);
    await writeFile(file, text);
  },
});

const confirm = createTemplateAction({
  id: 'plumbline:confirm',
  description: 'Ends the task unless two texts are the same.',
  supportsDryRun: true,
  schema: {
    input: {
      want: z => z.string({ description: 'What must be answered' }),
      got: z => z.string({ description: 'What was answered' }),
    },
  },
  async handler(ctx) {
    if (ctx.input.want !== ctx.input.got) {
      throw new Error(`the environment is called ${ctx.input.want}, not ${ctx.input.got}`);
    }
  },
});

module.exports = {
  default: createBackendModule({
    pluginId: 'scaffolder',
    moduleId: 'plumbline',
    register(reg) {
      reg.registerInit({
        deps: { actions: scaffolderActionsExtensionPoint },
        async init({ actions }) {
          actions.addActions(editClaim, confirm);
        },
      });
    },
  }),
};
