using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using TransformFramework.Engine.Models;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;

namespace TransformFramework.EndToEnd.Tests;

/// <summary>Work that is submitted to processes of this machine, to Kubernetes and to Slurm gives the bytes of one run.</summary>
public sealed class JobTests : IDisposable
{
    private const int Kills = 6;
    private static readonly string[] Tuning = ["tune", $"--in_graph={Repository.PathOf("examples/04-quantize/hard/digits_hard.pb")}", $"--data={Repository.DigitsSamples}", "--max_drop=0.1", "--out_graph=tuned.pb", "--format=json"];
    private static readonly string[] Evaluation = ["evaluate", $"--in_graph={Repository.Digits}", $"--reference={Repository.PathOf("examples/04-quantize/hard/digits_hard.pb")}", $"--data={Repository.PathOf("examples/01-digits/digits_test.npz")}?divide=255", "--format=json"];

    private readonly TemporaryFolder folder = new();

    private static string[] Calibration => ["calibrate", $"--in_graph={Repository.Digits}", $"--data={Repository.DigitsSamples}", "--out=digits.ranges"];

    [Fact]
    public void Processes_give_the_bytes_of_one_run()
    {
        byte[] whole = Whole(Calibration, "digits.ranges");
        Run(Submit(Calibration, "--shards=3"));
        Assert.Equal(whole, Taken("digits.ranges"));
        using (JsonDocument status = JsonDocument.Parse(Run("status", "work", "--format=json").Output))
        {
            Assert.True(status.RootElement.GetProperty("merged").GetBoolean());
            Assert.Equal(200, status.RootElement.GetProperty("steps")[0].GetProperty("items").GetInt64());
        }
        File.Delete(folder["work/calibrate-00001-of-00003.shard"]);
        Assert.Equal((75, true), (Start([.. Calibration, "--merge=work"]).ExitCode, Run("status", "work").Output.Contains("missing: 1", StringComparison.Ordinal)));
        Run(Submit(Calibration, "--shards=3"));
        Assert.Equal(whole, Taken("digits.ranges"));
        Assert.Contains("TFX5043", Start([.. Calibration, "--samples=9", "--merge=work"]).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Processes_print_the_accuracy_of_one_run() => Assert.Equal(Run(Evaluation).Output, Run(Submit(Evaluation, "--shards=2")).Output);

    [Fact]
    public void Processes_tune_to_the_graph_of_one_run()
    {
        string answer = WithoutPoints(Run(Tuning).Output);
        byte[] graph = Taken("tuned.pb"), ranges = Taken("tuned.pb.ranges");
        Assert.Equal(answer, WithoutPoints(Run(Submit(Tuning, "--shards=2")).Output));
        Assert.Equal(graph, Taken("tuned.pb"));
        Assert.Equal(ranges, Taken("tuned.pb.ranges"));
    }

    /// <summary>Half of the kills leave the shards without the process that started them.</summary>
    [Fact]
    public void What_is_killed_at_any_moment_goes_on_to_the_same_bytes()
    {
        string[] work = Small();
        byte[] whole = Whole(work, "small.ranges");
        var random = new Random(25);
        for (int i = 0; i < Kills; i++)
        {
            using Process process = Runner.Launch(Submit(work, "--shards=2"));
            Thread.Sleep(random.Next(1500));
            process.Kill(entireProcessTree: i % 2 == 0);
            process.WaitForExit();
            Run(Submit(work, "--shards=2"));
            Assert.Equal(whole, Taken("small.ranges"));
            if (i % 4 == 3)
                Directory.Delete(folder["work"], recursive: true);
        }
    }

    [Fact]
    public void Work_is_cancelled_and_goes_on()
    {
        string[] work = Small();
        byte[] whole = Whole(work, "small.ranges");
        using Process process = Runner.Launch(Submit(work, "--shards=64"));
        while (!File.Exists(folder["work/logs/0.txt"]) && !process.HasExited)
            Thread.Sleep(20);
        Run("cancel", "work");
        Assert.NotEqual(0, ProgramRunner.End(process).ExitCode);
        Directory.Delete(folder["work"], recursive: true);
        Run(Submit(work, "--shards=2"));
        Assert.Equal(whole, Taken("small.ranges"));
    }

    [Fact]
    public void The_manifest_of_Kubernetes_is_strictly_one_and_its_commands_do_the_work()
    {
        string[] work = Small();
        byte[] whole = Whole(work, "small.ranges");
        string manifest = Run([.. Submit(work, "--shards=2"), "--engine=kubernetes", "--image=registry.example/transform-graph:1.0", "--claim=data", $"--mount={folder.Path}", "--namespace=jobs", "--dry_run"]).Output;
        V1Job[] jobs = [.. KubernetesYaml.LoadAllFromString(manifest, strict: true).Cast<V1Job>()];
        Assert.Equal(2, jobs.Length);
        Assert.Equal(("Indexed", 2, 2, 0), (jobs[0].Spec.CompletionMode, jobs[0].Spec.Completions, jobs[0].Spec.Parallelism, jobs[0].Spec.MaxFailedIndexes));
        Assert.NotNull(jobs[0].Spec.BackoffLimitPerIndex);
        Assert.All(jobs, job =>
        {
            V1PodSpec pod = job.Spec.Template.Spec;
            Assert.Equal(("jobs", "Never", true), (job.Metadata.NamespaceProperty, pod.RestartPolicy, pod.SecurityContext.RunAsNonRoot));
            Assert.Equal((true, false), (pod.Containers[0].SecurityContext.ReadOnlyRootFilesystem, pod.Containers[0].SecurityContext.AllowPrivilegeEscalation));
            Assert.Contains(job.Spec.PodFailurePolicy.Rules, rule => rule.Action == "Ignore" && rule.OnExitCodes?.Values.Contains(75) == true && rule.OnExitCodes.ContainerName == pod.Containers[0].Name);
            Assert.Matches("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$", job.Metadata.Name);
        });
        Assert.Equal(75, Container(jobs[1], index: null).ExitCode);
        Assert.Equal(0, Container(jobs[0], index: 1).ExitCode);
        Assert.Equal(75, Container(jobs[1], index: null).ExitCode);
        Assert.Equal(0, Container(jobs[0], index: 0).ExitCode);
        Assert.Equal(0, Container(jobs[1], index: null).ExitCode);
        Assert.Equal(whole, Taken("small.ranges"));
    }

    [Fact]
    public void The_image_is_built_in_stages_and_runs_as_nobody()
    {
        string[] lines = File.ReadAllLines(Repository.PathOf("Dockerfile"));
        Assert.Equal(2, lines.Count(line => line.StartsWith("FROM ", StringComparison.Ordinal)));
        Assert.Contains("USER 1654:1654", lines);
        Assert.Contains(lines, line => line.StartsWith("HEALTHCHECK ", StringComparison.Ordinal));
        Assert.Equal("ENTRYPOINT [\"/program/transform_graph\"]", lines[^1]);
    }

    /// <summary>Needs root and Debian's packages slurmctld, slurmd, slurm-client and munge.</summary>
    [SkippableFact]
    public void Slurm_gives_the_bytes_of_one_run()
    {
        Skip.IfNot(new[] { "slurmctld", "slurmd", "sbatch", "munged" }.All(IsInstalled) && Environment.IsPrivilegedProcess, "Slurm is not installed, or this is not root");
        string home = Directory.CreateTempSubdirectory("slurm").FullName;
        string script = Repository.PathOf("Tests/EndToEnd/slurm.sh");
        try
        {
            ProgramResult started = new ProgramRunner { Program = script }.Start("start", home, (17_000 + (Environment.ProcessId % 1000 * 2)).ToString(System.Globalization.CultureInfo.InvariantCulture));
            Assert.True(started.ExitCode == 0, started.Error);
            var slurm = new ProgramRunner { WorkingDirectory = folder.Path, Environment = new Dictionary<string, string> { ["SLURM_CONF"] = Path.Combine(home, "slurm.conf") } };
            byte[] whole = Whole(Calibration, "digits.ranges");
            Finish(slurm, Submit(Calibration, "--shards=4", "--engine=slurm"));
            Assert.Equal(whole, Taken("digits.ranges"));

            Directory.Delete(folder["work"], recursive: true);
            KillRunningTask(slurm);

            Directory.Delete(folder["work"], recursive: true);
            Finish(slurm, Submit(Evaluation, "--shards=4", "--engine=slurm"));
            Assert.Equal(Run(Evaluation).Output, File.ReadAllText(folder["work/result.txt"]));

            Directory.Delete(folder["work"], recursive: true);
            string answer = WithoutPoints(Run(Tuning).Output);
            byte[] graph = Taken("tuned.pb");
            Finish(slurm, Submit(Tuning, "--shards=4", "--engine=slurm"));
            Assert.Equal(answer, WithoutPoints(File.ReadAllText(folder["work/result.txt"])));
            Assert.Equal(graph, Taken("tuned.pb"));
        }
        finally
        {
            new ProgramRunner { Program = script }.Start("stop", home);
        }
    }

    public void Dispose() => folder.Dispose();

    /// <summary>The first task, which alone looks at all samples before it begins, is killed while it waits for one of its own. status names it, and the same submission runs only it; a cancelled one goes on too.</summary>
    private void KillRunningTask(ProgramRunner slurm)
    {
        using var samples = new SlowSamples(count: 8, slow: 4);
        folder.Write("remote.list", string.Join('\n', samples.Addresses));
        ModelFile.Save(GraphText.Parse("x = Placeholder() {dtype=float, shape=(?,4)}\ny = Square(x) {T=float}"), folder["small.pb"], asText: false, CancellationToken.None);
        string[] work = ["calibrate", "--in_graph=small.pb", "--data=remote.list", "--out=remote.ranges"];
        samples.Answer();
        byte[] whole = Whole(work, "remote.ranges");

        samples.Hold();
        Submitted(slurm, Submit(work, "--shards=4", "--engine=slurm"));
        samples.WaitUntilAsked();
        string job = JsonNode.Parse(slurm.Start("status", "work", "--format=json").Output)!["jobs"]![0]!.GetValue<string>();
        Assert.Contains("running: 0", slurm.Start("status", "work").Output, StringComparison.Ordinal);
        ProgramResult killed = new ProgramRunner { Program = "scancel", Environment = slurm.Environment }.Start("--full", "--signal=KILL", $"{job}_0");
        Assert.True(killed.ExitCode == 0, killed.Error);
        WaitForQueue(slurm);
        Assert.Contains("failed: 0: ", slurm.Start("status", "work").Output, StringComparison.Ordinal);
        Assert.Contains("--array=0", slurm.Start(Submit(work, "--shards=4", "--engine=slurm", "--dry_run")).Output, StringComparison.Ordinal);

        Submitted(slurm, Submit(work, "--shards=4", "--engine=slurm"));
        ProgramResult cancelled = slurm.Start("cancel", "work");
        Assert.True(cancelled.ExitCode == 0, cancelled.Error);
        samples.Answer();
        Finish(slurm, Submit(work, "--shards=4", "--engine=slurm"));
        Assert.Equal(whole, Taken("remote.ranges"));
    }

    /// <summary>What tune answers but its points, which have times in them; shards measure none.</summary>
    private static string WithoutPoints(string json)
    {
        JsonObject answer = JsonNode.Parse(json)!.AsObject();
        answer.Remove("points");
        return answer.ToJsonString();
    }

    private ProgramRunner Runner => new() { WorkingDirectory = folder.Path };

    private static string[] Submit(string[] work, params string[] more) => ["submit", .. work, "--folder=work", .. more];

    /// <summary>Submits, and waits until the queue is empty.</summary>
    private static void Finish(ProgramRunner slurm, string[] submission)
    {
        Submitted(slurm, submission);
        WaitForQueue(slurm, waiting => Assert.DoesNotContain("DependencyNeverSatisfied", waiting, StringComparison.Ordinal));
    }

    private static void Submitted(ProgramRunner slurm, string[] submission)
    {
        ProgramResult submitted = slurm.Start(submission);
        Assert.True(submitted.ExitCode == 0, submitted.Error);
    }

    private static void WaitForQueue(ProgramRunner slurm, Action<string>? check = null)
    {
        var queue = new ProgramRunner { Program = "squeue", Environment = slurm.Environment };
        for (string waiting = queue.Start("--noheader").Output; waiting.Trim().Length > 0; waiting = queue.Start("--noheader").Output)
        {
            check?.Invoke(waiting);
            Thread.Sleep(200);
        }
    }

    private static bool IsInstalled(string program) => Environment.GetEnvironmentVariable("PATH")!.Split(':').Append("/usr/sbin").Any(path => File.Exists(Path.Combine(path, program)));

    /// <summary>A graph and samples that take no time.</summary>
    private string[] Small()
    {
        ModelFile.Save(GraphText.Parse("x = Placeholder() {dtype=float, shape=(?,4)}\ny = Square(x) {T=float}"), folder["small.pb"], asText: false, CancellationToken.None);
        using (FileStream stream = File.Create(folder["small.npz"]))
            NpzFile.Write(stream, [new("x", Tensor.Create<float>(DataType.Float, TensorShape.Of(10, 4), [.. Enumerable.Range(0, 40).Select(i => MathF.Sin(i))]))]);
        return ["calibrate", "--in_graph=small.pb", "--data=small.npz", "--out=small.ranges"];
    }

    /// <summary>Runs the first container of a job as the cluster does.</summary>
    private ProgramResult Container(V1Job job, int? index)
    {
        V1Container container = job.Spec.Template.Spec.Containers[0];
        var environment = new Dictionary<string, string>();
        if (index is { } number)
            environment["JOB_COMPLETION_INDEX"] = number.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return new ProgramRunner { WorkingDirectory = container.WorkingDir, Environment = environment }.Start([.. container.Args]);
    }

    private byte[] Whole(string[] work, string file)
    {
        Run(work);
        return Taken(file);
    }

    private byte[] Taken(string file)
    {
        byte[] content = File.ReadAllBytes(folder[file]);
        File.Delete(folder[file]);
        return content;
    }

    private ProgramResult Run(params string[] arguments)
    {
        ProgramResult result = Start(arguments);
        Assert.True(result.ExitCode == 0, result.Error);
        return result;
    }

    private ProgramResult Start(params string[] arguments) => Runner.Start([.. arguments, "--progress=off"]);
}
