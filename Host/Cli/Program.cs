using TransformFramework.Cli;

return CommandLine.Run(args);
