using TransformFramework.Fuzz;

return FuzzRun.Main(args);
