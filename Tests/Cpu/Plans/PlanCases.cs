using TransformFramework.Cpu.Microkernels;

namespace TransformFramework.Cpu.Plans;

/// <summary>Cases that run with every kernel set; one that this machine lacks is skipped by its name.</summary>
internal static class PlanCases
{
    /// <summary>Each name with the name of each set.</summary>
    public static TheoryData<string, string> WithSets(IEnumerable<string> names)
    {
        var data = new TheoryData<string, string>();
        foreach (string name in names)
        {
            foreach (string set in MicrokernelCatalog.SetNames)
                data.Add(name, set);
        }
        return data;
    }
}
