using TransformFramework.Host.Commands;

return CommandLine.Run(args);
