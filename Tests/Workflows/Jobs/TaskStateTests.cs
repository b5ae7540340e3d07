using TransformFramework.Workflows.Jobs;

namespace TransformFramework.Workflows.Tests.Jobs;

/// <summary>What is said of tasks by what schedulers print, and by what tasks have left.</summary>
public sealed class TaskStateTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("states");

    [Fact]
    public void Slurm_says_which_tasks_wait_and_run()
    {
        var states = SlurmEngine.StatesIn("""
            12|3|RUNNING|None
            12|4|PENDING|Resources
            12|5|COMPLETING|None
            13|N/A|PENDING|Dependency
            99|1|RUNNING|None

            """, ["12", "13"]);
        Assert.Equal(
            new Dictionary<int, TaskState> { [3] = new(TaskPhase.Running), [4] = new(TaskPhase.Waiting, "Resources"), [5] = new(TaskPhase.Running, "COMPLETING"), [JobPlan.Merge] = new(TaskPhase.Waiting, "Dependency") },
            states);
    }

    [Fact]
    public void Of_arrays_in_a_row_the_first_counts() =>
        Assert.Equal(new(TaskPhase.Running), SlurmEngine.StatesIn("22|0|PENDING|Dependency\n21|0|RUNNING|None\n", ["21", "22"])[0]);

    [Fact]
    public void Kubernetes_says_which_indexes_failed_and_run()
    {
        var states = KubernetesEngine.StatesIn("""
            {"items": [
              {"metadata": {"name": "w-shards"}, "status": {"active": 2, "ready": 1, "completedIndexes": "0-1", "failedIndexes": "4"}},
              {"metadata": {"name": "w-merge"}, "status": {"active": 1}}]}
            """, Plan(5));
        Assert.Equal([JobPlan.Merge, 2, 3, 4], states.Keys.Order());
        Assert.Equal((TaskPhase.Running, TaskPhase.Running, TaskPhase.Failed, TaskPhase.Waiting), (states[2].Phase, states[3].Phase, states[4].Phase, states[JobPlan.Merge].Phase));
        Assert.Equal("kubectl logs job/w-shards says why", states[4].Reason);
    }

    [Theory]
    [InlineData("")]
    [InlineData("""{"items": []}""")]
    [InlineData("""{"items": [{"metadata": {"name": "w-shards"}}]}""")]
    public void Nothing_is_known_of_jobs_that_are_not_there(string list) => Assert.Empty(KubernetesEngine.StatesIn(list, Plan(2)));

    [Fact]
    public void What_nothing_runs_has_failed_with_its_last_error_or_was_never_started()
    {
        JobPlan plan = Plan(3);
        plan.Save();
        File.WriteAllText(TaskLog.OfShard(plan, 0).Path, "error TFX5046: too many\n  note: look\n");
        File.WriteAllText(TaskLog.OfShard(plan, 1).Path, "slurmstepd: error: *** JOB 7 ON a CANCELLED DUE TO TIME LIMIT ***\n");
        var tasks = JobStatus.Of(folder.FullName).WithTasks(new LocalEngine(), CancellationToken.None).Tasks;
        Assert.Equal(new(TaskPhase.Failed, "error TFX5046: too many"), tasks[0]);
        Assert.Equal(new(TaskPhase.Failed, "slurmstepd: error: *** JOB 7 ON a CANCELLED DUE TO TIME LIMIT ***"), tasks[1]);
        Assert.Equal(new(TaskPhase.NotStarted), tasks[2]);
        Assert.Equal(new(TaskPhase.NotStarted), tasks[JobPlan.Merge]);
    }

    public void Dispose() => folder.Delete(recursive: true);

    private JobPlan Plan(int shards) => new() { Command = "calibrate", Words = [], Folder = folder.FullName, Shards = shards, Steps = ["calibrate"], Engine = "local", Program = "transform_graph", WorkingDirectory = "/" };
}
