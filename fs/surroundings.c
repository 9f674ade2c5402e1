/* surroundings.c - the environment of the daemon, which the agent of this machine and its jobs get from it. It may have
 * been started anywhere: at boot, with nothing set; by root for somebody else; in a job, of ours or of another cluster. */
#include "fs/surroundings.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- another job's ------------------------------------------------------------------------------ */

/* What a batch system and the launchers of MPI say to the processes of a job. */
static const char *const of_a_job[] = { "SLURM_", "SLURMD_", "SBATCH_", "SRUN_", "SALLOC_", "PMI", "OMPI_", "PRTE_", "HYDI_",
					"MPI_LOCAL", "PBS_", "LSB_", "WULFS_", "BASH_FUNC_srun%%" };

static bool is_of_a_job(const char *variable)
{
	if (strncmp(variable, "SLURM_CONF=", strlen("SLURM_CONF=")) == 0)
		return false;   /* of the machine */
	for (size_t i = 0; i < sizeof of_a_job / sizeof *of_a_job; i++)
		if (strncmp(variable, of_a_job[i], strlen(of_a_job[i])) == 0)
			return true;
	return false;
}

static void drop_variables_of_a_job(void)
{
	char **kept = environ;

	if (!kept)
		return;
	for (char **at = environ; *at; at++)
		if (!is_of_a_job(*at))
			*kept++ = *at;
	*kept = NULL;
}

/* --- the owner's -------------------------------------------------------------------------------- */

static bool is_home(const char *path)
{
	struct stat st;

	return path && stat(path, &st) == 0 && st.st_uid == geteuid();
}

/* Several names may have one user's number. */
static bool is_login(const char *name)
{
	const struct passwd *user = name ? getpwnam(name) : NULL;

	return user && user->pw_uid == geteuid();
}

/* mount(8)'s setuid=USER leaves root's variables behind; state and jobs belong into the owner's own. */
static void be_logged_in(const struct passwd *user)
{
	bool is_shell_ours = is_login(getenv("USER")) || is_login(getenv("LOGNAME"));

	if (!is_home(getenv("HOME")))
		setenv("HOME", user->pw_dir, 1);
	if (!is_login(getenv("USER")))
		setenv("USER", user->pw_name, 1);
	if (!is_login(getenv("LOGNAME")))
		setenv("LOGNAME", user->pw_name, 1);
	if (!is_shell_ours || !getenv("SHELL"))
		setenv("SHELL", user->pw_shell[0] ? user->pw_shell : "/bin/sh", 1);
}

/* login.defs(5), ENV_SUPATH and ENV_PATH. */
static void have_path(void)
{
	const char *path = getenv("PATH");

	if (!path || !*path)
		setenv("PATH", geteuid() == 0 ? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
					      : "/usr/local/bin:/usr/bin:/bin", 1);
}

void surroundings_mend(const struct passwd *user)
{
	struct passwd own;
	char *name, *home, *shell;

	drop_variables_of_a_job();
	have_path();
	if (!user)
		return;
	/* getpwnam, which is asked below, has the same memory. */
	own = *user;
	own.pw_name = name = strdup(user->pw_name);
	own.pw_dir = home = strdup(user->pw_dir);
	own.pw_shell = shell = strdup(user->pw_shell);
	be_logged_in(&own);
	free(name);
	free(home);
	free(shell);
}
