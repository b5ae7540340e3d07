using System.Collections.Immutable;
using System.CommandLine;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Workflows.Jobs;
using TransformFramework.Workflows.Reports;

namespace TransformFramework.Cli.Commands;

/// <summary>Has a command done by many processes or machines: an array of shards and their merge.</summary>
internal static class SubmitCommand
{
    private static readonly Option<string> Engine = new("--engine") { HelpName = "local|slurm|kubernetes", Description = "What runs the shards: processes of this machine, Slurm by sbatch, Kubernetes by kubectl; local without it" };
    private static readonly Option<string> Shards = new("--shards") { HelpName = "N", Description = "Number of shards" };
    private static readonly Option<string> DryRun = CommonOptions.Flag("--dry_run", "Print what would be submitted, and submit nothing");
    private static readonly Option<string[]> EngineOption = new("--engine_option") { HelpName = "OPTION", Description = "A further option of sbatch, such as partition=cpu or time=2:00:00; may be repeated" };
    private static readonly Option<string> Program = new("--program") { HelpName = "PATH", Description = "The program on the machines that run it; this one without it" };
    private static readonly Option<string> Image = new("--image") { HelpName = "IMAGE", Description = "Kubernetes: the image, made by the Dockerfile of the repository" };
    private static readonly Option<string> Claim = new("--claim") { HelpName = "NAME", Description = "Kubernetes: the PersistentVolumeClaim that has model, data and folder; data without it" };
    private static readonly Option<string> Mount = new("--mount") { HelpName = "PATH", Description = "Kubernetes: where it is mounted, and where relative paths count; /data without it" };
    private static readonly Option<string> Namespace = new("--namespace") { HelpName = "NAME", Description = "Kubernetes: the namespace; that of the context without it" };

    /// <summary>The options of this command, which the shards do not get.</summary>
    private static readonly Option[] Own = [Engine, Shards, DryRun, EngineOption, Program, Image, Claim, Mount, Namespace];

    /// <summary>Options of shards, which each gets in its own way.</summary>
    private static readonly string[] OfShards = ["--shard", "--folder"];

    public static Command Create(CancellationToken cancellation)
    {
        var submit = new Command("submit", "Has calibrate, evaluate, compare, quantize or tune done by many processes or machines, and merges what they find");
        foreach (var (command, steps) in ((Command, string[])[])[
            (CalibrateCommand.Create(cancellation), ["calibrate"]), (EvaluateCommand.Create(cancellation), ["evaluate"]), (CompareCommand.Create(cancellation), ["compare"]),
            (QuantizeCommand.Create(cancellation), ["quantize"]), (TuneCommand.Create(cancellation), ["ranges", "ranking", "losses"])])
        {
            foreach (Option option in Own)
                command.Options.Add(option);
            command.SetAction(parsed => Run(new(parsed, cancellation), command, steps));
            submit.Subcommands.Add(command);
        }
        submit.SetAction(int (ParseResult _) => throw CommandException.Usage("submit needs the command to submit", "For example: transform_graph submit calibrate --in_graph=g.pb --data=images --out=g.ranges --engine=local --shards=8 --folder=work."));
        return submit;
    }

    private static int Run(CommandContext context, Command command, string[] steps)
    {
        string folder = context.Path(command, "--folder") ?? throw CommandException.Usage("--folder is missing", "Add --folder=FOLDER, which all machines see under this path.");
        if (context.Has(command, "--shard") || context.Has(command, "--merge"))
            throw CommandException.Usage("submit takes no --shard or --merge", "Say how many with --shards=N; the merge comes by itself.");
        string engine = context.Value(Engine) ?? "local";
        bool isKubernetes = engine == "kubernetes";
        var plan = new JobPlan
        {
            Command = command.Name,
            Words = context.Words(command, [.. Own.Select(option => option.Name), .. OfShards]),
            Folder = isKubernetes ? folder : Path.GetFullPath(folder),
            Shards = (int)context.Integer(Shards, otherwise: 0, least: 1, most: Workflows.Sharding.ShardNumber.MostShards) is > 0 and var count ? count : throw CommandException.Usage("--shards is missing", "Add --shards=N, such as the number of processors."),
            Steps = [.. steps],
            Engine = engine,
            Program = context.Value(Program) ?? Environment.ProcessPath ?? "transform_graph",
            WorkingDirectory = isKubernetes ? context.Value(Mount) ?? "/data" : Environment.CurrentDirectory,
        };
        IJobEngine scheduler = EngineOf(context, engine);
        plan = plan with { IsResumed = JobPlan.Find(folder) is { } before && plan.IsSameWorkAs(before) };
        if (context.Has(DryRun))
            return Show(context, scheduler.Files(plan));
        plan.Save();
        plan = scheduler.Submit(plan, context.Say, context.Cancellation);
        if (File.Exists(plan.ResultPath) && engine == "local")
            Console.Out.Write(File.ReadAllText(plan.ResultPath));
        else if (context.IsJson)
            Console.Out.WriteLine(RunReport.SerializeLine(new { schema_version = 1, folder, jobs = plan.Jobs }));
        return ExitCodes.Done;
    }

    /// <summary>What has run a plan, to be asked or to end it.</summary>
    internal static IJobEngine EngineOf(JobPlan plan) => plan.Engine switch
    {
        "slurm" => new SlurmEngine([]),
        "kubernetes" => new KubernetesEngine(new("", "", "", Namespace: null)),
        _ => new LocalEngine(),
    };

    private static IJobEngine EngineOf(CommandContext context, string name) => name switch
    {
        "local" => new LocalEngine(),
        "slurm" => new SlurmEngine([.. context.Values(EngineOption).Select(option => option.StartsWith('-') ? option : "--" + option)]),
        "kubernetes" => new KubernetesEngine(new(context.Value(Image) ?? throw CommandException.Usage("--image is missing", "Build it from the Dockerfile of the repository, push it, and name it: --image=registry/transform-graph:1.0."), context.Value(Claim) ?? "data", context.Value(Mount) ?? "/data", context.Value(Namespace))),
        _ => throw CommandException.Usage($"--engine is local, slurm or kubernetes, not '{name}'"),
    };

    private static int Show(CommandContext context, IReadOnlyDictionary<string, string> files)
    {
        if (context.IsJson)
            Console.Out.WriteLine(RunReport.Serialize(new { schema_version = 1, files }));
        else if (files.Count == 1)
            Console.Out.Write(files.Values.Single());
        else
            Console.Out.Write(string.Join('\n', files.Select(file => $"### {file.Key}\n{file.Value}")));
        return ExitCodes.Done;
    }
}
