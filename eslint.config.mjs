import js from '@eslint/js'
import stylistic from '@stylistic/eslint-plugin'
import globals from 'globals'
import tseslint from 'typescript-eslint'

const VENDORS = ['xsi', 'xivo', 'five9', 'ipecs', 'webex']
const layer = (files, patterns) => ({ files, rules: { 'no-restricted-imports': ['error', { patterns: patterns.map(([group, message]) => ({ group, message })) }] } })
const NO_NODE_RED = [['node-red', 'node-red/*', '@node-red/*', '**/nodes/**'], 'src/ knows telephony, nodes/ knows Node-RED (design.md)']
const NO_SIMULATOR = [['**/simulator/**'], 'a client never imports the simulator']
const NO_VENDOR = (except) => [VENDORS.filter((vendor) => vendor !== except).flatMap((vendor) => [`**/${vendor}/**`, `**/${vendor}`]), 'no vendor imports another; the core imports none']

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/', '.tmp/', 'test/runtimes/*/node_modules/'] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  stylistic.configs.customize({ indent: 2, quotes: 'single', semi: false, commaDangle: 'never', braceStyle: '1tbs' }),
  {
    rules: {
      '@stylistic/space-before-function-paren': ['error', 'always'],
      '@stylistic/max-statements-per-line': ['error', { max: 2 }],
      '@stylistic/operator-linebreak': ['error', 'before', { overrides: { '=': 'after' } }],
      '@stylistic/arrow-parens': ['error', 'always'],
      '@stylistic/quote-props': ['error', 'as-needed'],
      '@stylistic/multiline-ternary': 'off',
      '@stylistic/indent': 'off',
      '@stylistic/member-delimiter-style': ['error', { multiline: { delimiter: 'none' }, singleline: { delimiter: 'semi', requireLast: false } }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', caughtErrors: 'all' }],
      eqeqeq: ['error', 'always'],
      'no-console': 'error'
    }
  },
  { files: ['**/*.cjs', '**/*.mjs', 'scripts/**'], languageOptions: { globals: globals.node }, rules: { '@typescript-eslint/no-require-imports': 'off', 'no-console': 'off' } },
  { files: ['bench/**', 'src/simulator/cli.ts'], rules: { 'no-console': 'off' } },
  { files: ['test/**'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  layer(['src/model/**'], [[['../*'], 'the model imports nothing of ours'], NO_NODE_RED]),
  layer(['src/{session,state,transport}/**'], [NO_NODE_RED, NO_SIMULATOR, NO_VENDOR()]),
  ...VENDORS.map((vendor) => layer([`src/${vendor}/**`], [NO_NODE_RED, NO_SIMULATOR, NO_VENDOR(vendor)])),
  layer(['src/simulator/**'], [NO_NODE_RED, [['**/model', '**/model/**', '**/session/**', '**/state/**'], 'the simulator shares nothing with the clients']])
)
