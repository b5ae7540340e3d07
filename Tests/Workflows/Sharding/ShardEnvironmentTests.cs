using TransformFramework.Workflows.Sharding;

namespace TransformFramework.Workflows.Tests.Sharding;

public sealed class ShardEnvironmentTests
{
    [Theory]
    [InlineData("2/8", "", "2/8")]
    [InlineData("0/1", "SLURM_ARRAY_TASK_ID=5", "0/1")]
    [InlineData("auto", "SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_COUNT=4 SLURM_ARRAY_TASK_MIN=1", "2/4")]
    [InlineData("auto", "SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_COUNT=4 SLURM_ARRAY_TASK_MIN=0", "3/4")]
    [InlineData("auto/8", "SLURM_ARRAY_TASK_ID=5 SLURM_ARRAY_TASK_COUNT=2 SLURM_ARRAY_TASK_MIN=3", "5/8")]
    [InlineData("auto/8", "SLURM_ARRAY_TASK_ID=8 SLURM_ARRAY_TASK_COUNT=8 SLURM_ARRAY_TASK_MIN=1", "7/8")]
    [InlineData("auto/3", "JOB_COMPLETION_INDEX=2", "2/3")]
    [InlineData("auto", "OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=2", "1/2")]
    [InlineData("auto", "SGE_TASK_ID=4 SGE_TASK_FIRST=1 SGE_TASK_LAST=4", "3/4")]
    [InlineData("auto/5", "AWS_BATCH_JOB_ARRAY_INDEX=4", "4/5")]
    public void The_shard_is_the_schedulers(string value, string variables, string shard) => Assert.Equal(shard, Resolve(value, variables).ToString());

    [Theory]
    [InlineData("8/8", "")]
    [InlineData("-1/8", "")]
    [InlineData("1", "")]
    [InlineData("1/0", "")]
    [InlineData("a/b", "")]
    [InlineData("1/2/3", "")]
    [InlineData("0/99999999", "")]
    [InlineData("auto", "")]
    [InlineData("auto/x", "JOB_COMPLETION_INDEX=2")]
    [InlineData("auto", "JOB_COMPLETION_INDEX=2")]
    [InlineData("auto/2", "JOB_COMPLETION_INDEX=2")]
    [InlineData("auto", "SGE_TASK_ID=undefined")]
    [InlineData("auto", "SLURM_ARRAY_TASK_ID=9 SLURM_ARRAY_TASK_COUNT=4 SLURM_ARRAY_TASK_MIN=0")]
    public void What_names_no_shard_is_refused(string value, string variables)
    {
        WorkException refusal = Assert.Throws<WorkException>(() => Resolve(value, variables));
        Assert.True(refusal.IsOfCommandLine);
        Assert.NotNull(refusal.Diagnostic.Suggestion);
    }

    private static ShardNumber Resolve(string value, string variables)
    {
        var environment = variables.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        return ShardEnvironment.Resolve(value, environment.GetValueOrDefault);
    }
}
