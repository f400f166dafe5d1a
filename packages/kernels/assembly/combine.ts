export function combine(): void {}
