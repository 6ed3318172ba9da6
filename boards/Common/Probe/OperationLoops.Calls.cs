namespace TinyAI.Boards
{
    /// <content>Calls and objects.</content>
    public partial class OperationLoops
    {
        /// <summary>16 times call.</summary>
        private void CallStatic(int turns)
        {
            for (int i = 0; i < turns; i++)
            {
                ProbeTarget.ByName(); ProbeTarget.ByName(); ProbeTarget.ByName(); ProbeTarget.ByName();
                ProbeTarget.ByName(); ProbeTarget.ByName(); ProbeTarget.ByName(); ProbeTarget.ByName();
                ProbeTarget.ByName(); ProbeTarget.ByName(); ProbeTarget.ByName(); ProbeTarget.ByName();
                ProbeTarget.ByName(); ProbeTarget.ByName(); ProbeTarget.ByName(); ProbeTarget.ByName();
            }
        }

        /// <summary>16 times ldloc, call of a method whose locals have to be prepared.</summary>
        private void CallLocals(int turns)
        {
            bool no = turns < 0;
            for (int i = 0; i < turns; i++)
            {
                ProbeTarget.ByNameWithLocals(no); ProbeTarget.ByNameWithLocals(no); ProbeTarget.ByNameWithLocals(no); ProbeTarget.ByNameWithLocals(no);
                ProbeTarget.ByNameWithLocals(no); ProbeTarget.ByNameWithLocals(no); ProbeTarget.ByNameWithLocals(no); ProbeTarget.ByNameWithLocals(no);
                ProbeTarget.ByNameWithLocals(no); ProbeTarget.ByNameWithLocals(no); ProbeTarget.ByNameWithLocals(no); ProbeTarget.ByNameWithLocals(no);
                ProbeTarget.ByNameWithLocals(no); ProbeTarget.ByNameWithLocals(no); ProbeTarget.ByNameWithLocals(no); ProbeTarget.ByNameWithLocals(no);
            }
        }

        /// <summary>16 times ldloc, callvirt of an instance method.</summary>
        private void CallInstance(int turns)
        {
            ProbeTarget t = _target;
            for (int i = 0; i < turns; i++)
            {
                t.ByInstance(); t.ByInstance(); t.ByInstance(); t.ByInstance();
                t.ByInstance(); t.ByInstance(); t.ByInstance(); t.ByInstance();
                t.ByInstance(); t.ByInstance(); t.ByInstance(); t.ByInstance();
                t.ByInstance(); t.ByInstance(); t.ByInstance(); t.ByInstance();
            }
        }

        /// <summary>16 times ldloc, callvirt of a virtual method.</summary>
        private void CallVirtual(int turns)
        {
            ProbeTarget t = _target;
            for (int i = 0; i < turns; i++)
            {
                t.ByVirtual(); t.ByVirtual(); t.ByVirtual(); t.ByVirtual();
                t.ByVirtual(); t.ByVirtual(); t.ByVirtual(); t.ByVirtual();
                t.ByVirtual(); t.ByVirtual(); t.ByVirtual(); t.ByVirtual();
                t.ByVirtual(); t.ByVirtual(); t.ByVirtual(); t.ByVirtual();
            }
        }

        /// <summary>16 times ldloc, callvirt through an interface.</summary>
        private void CallInterface(int turns)
        {
            IProbeCall t = _target;
            for (int i = 0; i < turns; i++)
            {
                t.ByInterface(); t.ByInterface(); t.ByInterface(); t.ByInterface();
                t.ByInterface(); t.ByInterface(); t.ByInterface(); t.ByInterface();
                t.ByInterface(); t.ByInterface(); t.ByInterface(); t.ByInterface();
                t.ByInterface(); t.ByInterface(); t.ByInterface(); t.ByInterface();
            }
        }

        /// <summary>16 times ldloc, callvirt of a delegate.</summary>
        private void CallDelegate(int turns)
        {
            ProbeCall t = ProbeTarget.ByName;
            for (int i = 0; i < turns; i++)
            {
                t(); t(); t(); t();
                t(); t(); t(); t();
                t(); t(); t(); t();
                t(); t(); t(); t();
            }
        }

        /// <summary>16 times newobj, stloc.</summary>
        private void NewObject(int turns)
        {
            ProbeTarget t = null;
            for (int i = 0; i < turns; i++)
            {
                t = new ProbeTarget(); t = new ProbeTarget(); t = new ProbeTarget(); t = new ProbeTarget();
                t = new ProbeTarget(); t = new ProbeTarget(); t = new ProbeTarget(); t = new ProbeTarget();
                t = new ProbeTarget(); t = new ProbeTarget(); t = new ProbeTarget(); t = new ProbeTarget();
                t = new ProbeTarget(); t = new ProbeTarget(); t = new ProbeTarget(); t = new ProbeTarget();
            }
            _made = t;
        }

        /// <summary>16 times ldc, newarr, stloc.</summary>
        private void NewArray(int turns)
        {
            int[] t = null;
            for (int i = 0; i < turns; i++)
            {
                t = new int[16]; t = new int[16]; t = new int[16]; t = new int[16];
                t = new int[16]; t = new int[16]; t = new int[16]; t = new int[16];
                t = new int[16]; t = new int[16]; t = new int[16]; t = new int[16];
                t = new int[16]; t = new int[16]; t = new int[16]; t = new int[16];
            }
            _made = t;
        }
    }
}
