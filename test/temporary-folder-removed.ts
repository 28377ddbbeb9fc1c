export { remove as default } from './temporary-folder';
