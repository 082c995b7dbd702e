export declare function Chat(): React.ReactNode
