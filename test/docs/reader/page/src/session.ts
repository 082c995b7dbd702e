export declare function token(): Promise<string | undefined>
